// A day of authoring with the vendor's own client, unchanged. Arguments: base URL, token, iTwin id, working folder.
// Prints one JSON object with the results.
const fs = require("fs");
const path = require("path");
const { IModelsClient } = require("@itwin/imodels-client-authoring");
const { take, toArray } = require("@itwin/imodels-client-management");
const { AzureClientStorage, BlockBlobClientWrapperFactory } = require("@itwin/object-storage-azure");

const [baseUrl, token, iTwinId, folder] = process.argv.slice(2);
const authorization = async () => ({ scheme: "Bearer", token });
const cloudStorage = new AzureClientStorage(new BlockBlobClientWrapperFactory());
const client = new IModelsClient({ api: { baseUrl }, cloudStorage });

const failure = async (action) => {
  try {
    await action();
    return null;
  } catch (error) {
    return { code: error.code ?? error.name, status: error.statusCode, objectIds: error.objectIds, conflictingLocks: error.conflictingLocks };
  }
};

async function main() {
  const seen = {};
  const iModel = await client.iModels.createEmpty({ authorization, iModelProperties: { iTwinId, name: "From TypeScript", description: "a" } });
  const iModelId = iModel.id;
  const scoped = { authorization, iModelId };
  seen.iModel = { state: iModel.state, name: iModel.name };
  seen.duplicate = await failure(() => client.iModels.createEmpty({ authorization, iModelProperties: { iTwinId, name: "From TypeScript" } }));
  seen.found = (await toArray(client.iModels.getMinimalList({ authorization, urlParams: { iTwinId, $search: "typescr" } }))).map((each) => each.displayName);

  const briefcase = await client.briefcases.acquire({ ...scoped, briefcaseProperties: { deviceName: "node" } });
  const other = await client.briefcases.acquire(scoped);
  seen.briefcases = [briefcase.briefcaseId, other.briefcaseId];
  seen.owner = (await briefcase.getOwner()).email;
  seen.baselineCheckpoint = (await briefcase.getCheckpoint()).state;

  const group = await client.changesetGroups.create({ ...scoped, changesetGroupProperties: { description: "night run" } });
  const changesets = JSON.parse(fs.readFileSync(path.join(folder, "changesets.json"), "utf8"));
  seen.pushed = [];
  for (const { id, parentId, file } of changesets) {
    const pushed = await client.changesets.create({
      ...scoped,
      changesetProperties: {
        id, parentId, briefcaseId: briefcase.briefcaseId, filePath: path.join(folder, file), groupId: group.id,
        description: `pushed ${id}`, synchronizationInfo: { taskId: "task", changedFiles: ["a.dgn"] },
      },
    });
    seen.pushed.push({ index: pushed.index, state: pushed.state });
  }
  seen.group = (await client.changesetGroups.update({ ...scoped, changesetGroupId: group.id, changesetGroupProperties: { state: "completed" } })).state;
  const page = [];
  for await (const entities of client.changesets.getRepresentationList({ ...scoped, urlParams: { $top: 2, $orderBy: { property: "index", operator: "desc" } } }).byPage())
    page.push(entities.map((each) => each.index));
  seen.pages = page;
  const second = await client.changesets.getSingle({ ...scoped, changesetIndex: 2 });
  seen.synchronizationInfo = second.synchronizationInfo;
  seen.creator = (await second.getCreator()).displayName;
  seen.precedingCheckpoint = (await second.getCurrentOrPrecedingCheckpoint()).changesetIndex;
  const downloaded = await client.changesets.downloadList({ ...scoped, targetDirectoryPath: path.join(folder, "down") });
  seen.downloaded = downloaded.map((each) => path.basename(each.filePath));
  await client.changesetExtendedData.create({ ...scoped, changesetIndex: 1, changesetExtendedDataProperties: { data: { tool: "node", é: [1, 2] } } });
  seen.extendedData = (await client.changesetExtendedData.getSingle({ ...scoped, changesetIndex: 1 })).data;

  const lock = (lockLevel, objectIds) => ({ lockLevel, objectIds });
  const newest = changesets.at(-1).id;
  await client.locks.update({ ...scoped, briefcaseId: briefcase.briefcaseId, changesetId: newest, lockedObjects: [lock("exclusive", ["0x1", "0x2"]), lock("shared", ["0x3"])] });
  seen.lockConflict = await failure(() => client.locks.update({ ...scoped, briefcaseId: other.briefcaseId, changesetId: newest, lockedObjects: [lock("shared", ["0x2"])] }));
  seen.locks = (await toArray(client.locks.getList({ ...scoped, urlParams: { briefcaseId: briefcase.briefcaseId } }))).map((each) => each.lockedObjects);
  const released = await client.locks.update({ ...scoped, briefcaseId: briefcase.briefcaseId, changesetId: newest, lockedObjects: [lock("none", ["0x1", "0x2", "0x3"])] });
  seen.released = released.lockedObjects;
  seen.pullRequired = await failure(() => client.locks.update({ ...scoped, briefcaseId: other.briefcaseId, changesetId: changesets[0].id, lockedObjects: [lock("exclusive", ["0x1"])] }));

  const version = await client.namedVersions.create({ ...scoped, namedVersionProperties: { name: "Milestone 1", changesetId: newest } });
  seen.version = (await version.getChangeset()).index;
  seen.versionOfChangeset = (await (await client.changesets.getSingle({ ...scoped, changesetId: newest })).getNamedVersion()).name;
  seen.hidden = (await client.namedVersions.update({ ...scoped, namedVersionId: version.id, namedVersionProperties: { state: "hidden" } })).state;

  const before = await client.thumbnails.download(scoped);
  await client.thumbnails.upload({ ...scoped, thumbnailProperties: { imageType: "image/png", image: fs.readFileSync(path.join(folder, "picture.png")) } });
  const after = await client.thumbnails.download({ ...scoped, urlParams: { size: "large" } });
  seen.thumbnail = { before: before.image.length > 0, changed: before.image.length !== after.image.length };
  seen.permissions = (await client.userPermissions.get(scoped)).permissions;
  seen.users = (await toArray(client.users.getRepresentationList(scoped))).map((each) => each.statistics.pushedChangesetsCount);

  const seeded = await client.iModels.createFromBaseline({ authorization, iModelProperties: { iTwinId, name: "From baseline", filePath: path.join(folder, "baseline.bim") }, timeOutInMs: 20000 });
  seen.fromBaseline = seeded.state;
  const clone = await client.iModels.clone({ ...scoped, iModelProperties: { iTwinId, name: "Clone", changesetIndex: 1 }, timeOutInMs: 20000 });
  seen.clone = (await toArray(client.changesets.getMinimalList({ authorization, iModelId: clone.id }))).map((each) => each.id);
  seen.clonedFrom = (await client.operations.getCreateIModelDetails({ authorization, iModelId: clone.id })).clonedFrom;
  const fork = await client.iModels.fork({ ...scoped, iModelProperties: { iTwinId, name: "Fork" }, timeOutInMs: 20000 });
  seen.fork = { state: fork.state, changesets: (await take(client.changesets.getMinimalList({ authorization, iModelId: fork.id }), 5)).length };

  seen.unauthorized = await failure(() => client.iModels.getSingle({ iModelId, authorization: async () => ({ scheme: "Bearer", token: "nonsense" }) }));
  seen.missing = await failure(() => client.briefcases.getSingle({ ...scoped, briefcaseId: 99 }));
  await client.briefcases.release({ ...scoped, briefcaseId: other.briefcaseId });
  await client.iModels.delete({ authorization, iModelId: seeded.id });
  seen.deleted = await failure(() => client.iModels.getSingle({ authorization, iModelId: seeded.id }));
  seen.iModelId = iModelId;
  return seen;
}

main().then((seen) => console.log(JSON.stringify(seen)), (error) => {
  console.error(error);
  process.exit(1);
});
