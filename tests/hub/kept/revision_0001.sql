BEGIN TRANSACTION;
CREATE TABLE briefcases (
	imodel_number INTEGER NOT NULL, 
	briefcase_id INTEGER NOT NULL, 
	owner_id VARCHAR(36) NOT NULL, 
	acquired_at BIGINT NOT NULL, 
	device_name VARCHAR(255), 
	file_size BIGINT NOT NULL, 
	application_id VARCHAR(255), 
	application_name VARCHAR(255), 
	PRIMARY KEY (imodel_number, briefcase_id), 
	FOREIGN KEY(imodel_number) REFERENCES imodels (number) ON DELETE CASCADE
);
INSERT INTO "briefcases" VALUES(1,2,'ce7daf12-a442-5130-8763-21741562c033',1777863721000000,NULL,12288,'ada-application','Ada''s Application');
INSERT INTO "briefcases" VALUES(1,3,'ce7daf12-a442-5130-8763-21741562c033',1777863721000000,'desk',12288,'ada-application','Ada''s Application');
CREATE TABLE changeset_groups (
	id VARCHAR(36) NOT NULL, 
	imodel_number INTEGER NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	description VARCHAR(255), 
	creator_id VARCHAR(36) NOT NULL, 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(imodel_number) REFERENCES imodels (number) ON DELETE CASCADE
);
INSERT INTO "changeset_groups" VALUES('f2f6f7a5-1447-489a-b9a3-f0cbe2037dcd',1,'forciblyClosed','Group','ce7daf12-a442-5130-8763-21741562c033',1777863721000000);
CREATE TABLE changesets (
	imodel_number INTEGER NOT NULL, 
	changeset_index INTEGER NOT NULL, 
	changeset_id VARCHAR(40) NOT NULL, 
	parent_id VARCHAR(40) NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	description VARCHAR(255), 
	containing_changes INTEGER NOT NULL, 
	file_size BIGINT NOT NULL, 
	briefcase_id INTEGER NOT NULL, 
	group_id VARCHAR(36), 
	creator_id VARCHAR(36) NOT NULL, 
	pushed_at BIGINT NOT NULL, 
	application_id VARCHAR(255), 
	application_name VARCHAR(255), 
	synchronization JSON, 
	PRIMARY KEY (imodel_number, changeset_index), 
	UNIQUE (imodel_number, changeset_id), 
	FOREIGN KEY(imodel_number) REFERENCES imodels (number) ON DELETE CASCADE
);
INSERT INTO "changesets" VALUES(1,1,'47f8dc828d298cfeee317b1c8ce6cbdd88b63738','','fileUploaded','Step 0',0,9,2,NULL,'ce7daf12-a442-5130-8763-21741562c033',1777863721000000,'ada-application','Ada''s Application',NULL);
INSERT INTO "changesets" VALUES(1,2,'81c3b7a9af27e8d761a1fd1782937e83f42cf4b4','47f8dc828d298cfeee317b1c8ce6cbdd88b63738','fileUploaded','Step 1',0,9,2,NULL,'ce7daf12-a442-5130-8763-21741562c033',1777863721000000,'ada-application','Ada''s Application',NULL);
INSERT INTO "changesets" VALUES(2,1,'47f8dc828d298cfeee317b1c8ce6cbdd88b63738','','fileUploaded','Step 0',0,9,2,NULL,'ce7daf12-a442-5130-8763-21741562c033',1777863721000000,'ada-application','Ada''s Application',NULL);
INSERT INTO "changesets" VALUES(2,2,'81c3b7a9af27e8d761a1fd1782937e83f42cf4b4','47f8dc828d298cfeee317b1c8ce6cbdd88b63738','fileUploaded','Step 1',0,9,2,NULL,'ce7daf12-a442-5130-8763-21741562c033',1777863721000000,'ada-application','Ada''s Application',NULL);
CREATE TABLE checkpoints (
	imodel_number INTEGER NOT NULL, 
	changeset_index INTEGER NOT NULL, 
	changeset_id VARCHAR(40), 
	state VARCHAR(20) NOT NULL, 
	size BIGINT NOT NULL, 
	blob TEXT, 
	directory TEXT, 
	db_name VARCHAR(255), 
	PRIMARY KEY (imodel_number, changeset_index), 
	FOREIGN KEY(imodel_number) REFERENCES imodels (number) ON DELETE CASCADE
);
INSERT INTO "checkpoints" VALUES(1,0,NULL,'successful',12288,'imodel-22f26219-920d-4a2e-adc0-7c0430e841ee/baseline/22f26219-920d-4a2e-adc0-7c0430e841ee.bim',NULL,'BASELINE.bim');
CREATE TABLE extended_data (
	imodel_number INTEGER NOT NULL, 
	changeset_index INTEGER NOT NULL, 
	changeset_id VARCHAR(40) NOT NULL, 
	data TEXT NOT NULL, 
	PRIMARY KEY (imodel_number, changeset_index), 
	FOREIGN KEY(imodel_number) REFERENCES imodels (number) ON DELETE CASCADE
);
INSERT INTO "extended_data" VALUES(1,1,'47f8dc828d298cfeee317b1c8ce6cbdd88b63738','eyJhIjoxfQ==');
CREATE TABLE favorites (
	user_id VARCHAR(36) NOT NULL, 
	imodel_number INTEGER NOT NULL, 
	added_at BIGINT NOT NULL, 
	PRIMARY KEY (user_id, imodel_number), 
	FOREIGN KEY(imodel_number) REFERENCES imodels (number) ON DELETE CASCADE
);
INSERT INTO "favorites" VALUES('ce7daf12-a442-5130-8763-21741562c033',1,1777863721000000);
CREATE TABLE imodel_users (
	imodel_number INTEGER NOT NULL, 
	user_id VARCHAR(36) NOT NULL, 
	connected_at BIGINT NOT NULL, 
	PRIMARY KEY (imodel_number, user_id), 
	FOREIGN KEY(imodel_number) REFERENCES imodels (number) ON DELETE CASCADE
);
INSERT INTO "imodel_users" VALUES(1,'ce7daf12-a442-5130-8763-21741562c033',1777863721000000);
INSERT INTO "imodel_users" VALUES(2,'ce7daf12-a442-5130-8763-21741562c033',1777863721000000);
CREATE TABLE imodels (
	number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(36) NOT NULL, 
	itwin_id VARCHAR(36) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	description VARCHAR(255), 
	folded TEXT NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	created_at BIGINT NOT NULL, 
	creator_id VARCHAR(36) NOT NULL, 
	extent JSON, 
	containers_enabled INTEGER NOT NULL, 
	coordinate_system VARCHAR(255), 
	creation_state VARCHAR(50) NOT NULL, 
	origin VARCHAR(10), 
	origin_imodel_id VARCHAR(36), 
	origin_changeset_id VARCHAR(40), 
	relationship_id VARCHAR(36), 
	baseline_state VARCHAR(30) NOT NULL, 
	baseline_size BIGINT NOT NULL, 
	next_briefcase_id INTEGER NOT NULL, 
	next_changeset_index INTEGER NOT NULL, 
	last_push_at BIGINT, 
	secured_by VARCHAR(10), 
	UNIQUE (itwin_id, name), 
	UNIQUE (id), 
	FOREIGN KEY(itwin_id) REFERENCES itwins (id)
);
INSERT INTO "imodels" VALUES(1,'22f26219-920d-4a2e-adc0-7c0430e841ee','1d1a126b-a5b9-4b78-bd51-242a9fdea237','Bridge — Brücke','Kept','bridge — brückekept','initialized',1777863721000000,'ce7daf12-a442-5130-8763-21741562c033',NULL,0,NULL,'successful',NULL,NULL,NULL,NULL,'initialized',12288,4,3,1777863721000000,'user');
INSERT INTO "imodels" VALUES(2,'7293f31d-0839-4975-bc04-14a356520a7e','1d1a126b-a5b9-4b78-bd51-242a9fdea237','Clone','Kept','clonekept','notInitialized',1777863721000000,'ce7daf12-a442-5130-8763-21741562c033',NULL,0,NULL,'scheduled','clone','22f26219-920d-4a2e-adc0-7c0430e841ee','81c3b7a9af27e8d761a1fd1782937e83f42cf4b4',NULL,'initializationScheduled',0,2,3,1777863721000000,NULL);
CREATE TABLE itwin_members (
	itwin_id VARCHAR(36) NOT NULL, 
	user_id VARCHAR(36) NOT NULL, 
	permissions JSON NOT NULL, 
	PRIMARY KEY (itwin_id, user_id), 
	FOREIGN KEY(itwin_id) REFERENCES itwins (id) ON DELETE CASCADE
);
INSERT INTO "itwin_members" VALUES('1d1a126b-a5b9-4b78-bd51-242a9fdea237','ce7daf12-a442-5130-8763-21741562c033','["imodels_delete", "imodels_manage", "imodels_read", "imodels_webview", "imodels_write"]');
CREATE TABLE itwins (
	id VARCHAR(36) NOT NULL, 
	display_name VARCHAR(255) NOT NULL, 
	number VARCHAR(255) NOT NULL, 
	class_name VARCHAR(255) NOT NULL, 
	sub_class VARCHAR(255) NOT NULL, 
	type_name VARCHAR(255), 
	data_center_location VARCHAR(255) NOT NULL, 
	created_at BIGINT NOT NULL, 
	creator_id VARCHAR(36) NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "itwins" VALUES('1d1a126b-a5b9-4b78-bd51-242a9fdea237','Local iTwin','1d1a126b-a5b9-4b78-bd51-242a9fdea237','Endeavor','Project',NULL,'East US',1777863721000000,'ce7daf12-a442-5130-8763-21741562c033');
CREATE TABLE jobs (
	number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	kind VARCHAR(30) NOT NULL, 
	imodel_number INTEGER, 
	source_id VARCHAR(36), 
	payload JSON NOT NULL, 
	due_at BIGINT NOT NULL, 
	FOREIGN KEY(imodel_number) REFERENCES imodels (number) ON DELETE CASCADE
);
INSERT INTO "jobs" VALUES(1,'copy',2,'22f26219-920d-4a2e-adc0-7c0430e841ee','{"baseline": "imodel-22f26219-920d-4a2e-adc0-7c0430e841ee/baseline/22f26219-920d-4a2e-adc0-7c0430e841ee.bim"}',1777863721300000);
CREATE TABLE lock_releases (
	imodel_number INTEGER NOT NULL, 
	object_id VARCHAR(18) NOT NULL, 
	level SMALLINT NOT NULL, 
	changeset_index INTEGER NOT NULL, 
	PRIMARY KEY (imodel_number, object_id, level), 
	FOREIGN KEY(imodel_number) REFERENCES imodels (number) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "lock_releases" VALUES(1,'0x2a',2,2);
CREATE TABLE locks (
	imodel_number INTEGER NOT NULL, 
	object_id VARCHAR(18) NOT NULL, 
	briefcase_id INTEGER NOT NULL, 
	level SMALLINT NOT NULL, 
	PRIMARY KEY (imodel_number, object_id, briefcase_id), 
	FOREIGN KEY(imodel_number) REFERENCES imodels (number) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "locks" VALUES(1,'0x1',3,1);
INSERT INTO "locks" VALUES(1,'0x1f',3,2);
CREATE TABLE meta (
	"key" VARCHAR(50) NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('schema_version','1');
CREATE TABLE named_versions (
	id VARCHAR(36) NOT NULL, 
	imodel_number INTEGER NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	description VARCHAR(255), 
	folded TEXT NOT NULL, 
	changeset_id VARCHAR(40), 
	changeset_index INTEGER NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	created_at BIGINT NOT NULL, 
	creator_id VARCHAR(36) NOT NULL, 
	application_id VARCHAR(255), 
	application_name VARCHAR(255), 
	PRIMARY KEY (id), 
	UNIQUE (imodel_number, name), 
	UNIQUE (imodel_number, changeset_index), 
	FOREIGN KEY(imodel_number) REFERENCES imodels (number) ON DELETE CASCADE
);
INSERT INTO "named_versions" VALUES('3b310734-2017-42d6-831f-0fb8da8a69c9',1,'Piers done',NULL,'piers done','47f8dc828d298cfeee317b1c8ce6cbdd88b63738',1,'visible',1777863721000000,'ce7daf12-a442-5130-8763-21741562c033','ada-application','Ada''s Application');
CREATE TABLE recents (
	user_id VARCHAR(36) NOT NULL, 
	imodel_number INTEGER NOT NULL, 
	used_at BIGINT NOT NULL, 
	PRIMARY KEY (user_id, imodel_number), 
	FOREIGN KEY(imodel_number) REFERENCES imodels (number) ON DELETE CASCADE
);
INSERT INTO "recents" VALUES('ce7daf12-a442-5130-8763-21741562c033',1,1777863721000000);
CREATE TABLE role_members (
	itwin_id VARCHAR(36) NOT NULL, 
	role_id VARCHAR(36) NOT NULL, 
	user_id VARCHAR(36) NOT NULL, 
	PRIMARY KEY (itwin_id, role_id, user_id), 
	FOREIGN KEY(itwin_id) REFERENCES itwins (id) ON DELETE CASCADE
);
CREATE TABLE role_permissions (
	imodel_number INTEGER NOT NULL, 
	id VARCHAR(36) NOT NULL, 
	permissions JSON NOT NULL, 
	PRIMARY KEY (imodel_number, id), 
	FOREIGN KEY(imodel_number) REFERENCES imodels (number) ON DELETE CASCADE
);
CREATE TABLE shares (
	id VARCHAR(36) NOT NULL, 
	imodel_number INTEGER NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	share_key VARCHAR(255) NOT NULL, 
	permission VARCHAR(50) NOT NULL, 
	expires_at BIGINT NOT NULL, 
	creator_id VARCHAR(36) NOT NULL, 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(imodel_number) REFERENCES imodels (number) ON DELETE CASCADE, 
	UNIQUE (share_key)
);
INSERT INTO "shares" VALUES('08b65fc5-2058-46c3-a3f6-c9fa1cff24cc',1,'Share','kept-share-key','imodels_webview',1780272000000000,'ce7daf12-a442-5130-8763-21741562c033',1777863721000000);
CREATE TABLE tokens (
	token_hash VARCHAR(64) NOT NULL, 
	user_id VARCHAR(36) NOT NULL, 
	application_id VARCHAR(255) NOT NULL, 
	application_name VARCHAR(255) NOT NULL, 
	expires_at BIGINT, 
	PRIMARY KEY (token_hash), 
	FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
INSERT INTO "tokens" VALUES('54a976f1f7ea57f6add41516b340083a827ac641daefa7ce4e5f13cc1f9351d8','ce7daf12-a442-5130-8763-21741562c033','ada-application','Ada''s Application',NULL);
INSERT INTO "tokens" VALUES('b7f105f1020e403ea87a18f74699249d2ed92c2ed0e1ccb988d70c799ba6cc59','1498b531-8443-50ec-8c4f-7bef72ea1ebd','grace-application','Grace''s Application',NULL);
CREATE TABLE user_permissions (
	imodel_number INTEGER NOT NULL, 
	id VARCHAR(36) NOT NULL, 
	permissions JSON NOT NULL, 
	PRIMARY KEY (imodel_number, id), 
	FOREIGN KEY(imodel_number) REFERENCES imodels (number) ON DELETE CASCADE
);
INSERT INTO "user_permissions" VALUES(1,'00000000-0000-4000-8000-000000000001','["imodels_webview"]');
INSERT INTO "user_permissions" VALUES(1,'ce7daf12-a442-5130-8763-21741562c033','["imodels_manage"]');
CREATE TABLE users (
	id VARCHAR(36) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	email VARCHAR(255) NOT NULL, 
	given_name VARCHAR(255) NOT NULL, 
	surname VARCHAR(255) NOT NULL, 
	application_id VARCHAR(255) NOT NULL, 
	application_name VARCHAR(255) NOT NULL, 
	secret_hash VARCHAR(64), 
	permissions JSON NOT NULL, 
	organization_administrator BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name), 
	UNIQUE (email), 
	UNIQUE (application_id)
);
INSERT INTO "users" VALUES('ce7daf12-a442-5130-8763-21741562c033','ada','ada.lindqvist@example.com','Ada','Lindqvist','ada-application','Ada''s Application','cb3ac4f9f4ba2da6f063a94debb6009ec2ee2abcf28f90cd97fdb92fdc44d736','["imodels_delete", "imodels_manage", "imodels_read", "imodels_webview", "imodels_write"]',0);
INSERT INTO "users" VALUES('1498b531-8443-50ec-8c4f-7bef72ea1ebd','grace','grace.okafor@example.com','Grace','Okafor','grace-application','Grace''s Application','25bc85850014319fa560ecbf1b52f8a17d921026bd41db51c3855fbbf481150b','["imodels_delete", "imodels_manage", "imodels_read", "imodels_webview", "imodels_write"]',0);
CREATE INDEX ix_tokens_expires_at ON tokens (expires_at);
CREATE INDEX ix_briefcases_owner ON briefcases (imodel_number, owner_id, acquired_at);
CREATE INDEX ix_changesets_state ON changesets (imodel_number, state, changeset_index);
CREATE INDEX ix_changesets_creator ON changesets (imodel_number, creator_id);
CREATE INDEX ix_changeset_groups_imodel ON changeset_groups (imodel_number, created_at, id);
CREATE INDEX ix_locks_briefcase ON locks (imodel_number, briefcase_id, level, object_id);
CREATE INDEX ix_locks_level ON locks (imodel_number, level, briefcase_id, object_id);
CREATE INDEX ix_lock_releases_page ON lock_releases (imodel_number, changeset_index, level, object_id);
CREATE INDEX ix_shares_creator ON shares (imodel_number, creator_id, created_at, id);
CREATE INDEX ix_jobs_imodel_number ON jobs (imodel_number);
CREATE INDEX ix_jobs_due ON jobs (due_at, number);
CREATE INDEX ix_jobs_source_id ON jobs (source_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('imodels',2);
INSERT INTO "sqlite_sequence" VALUES('jobs',1);
COMMIT;
