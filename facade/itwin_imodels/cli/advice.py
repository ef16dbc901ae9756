"""Advice that refers to commands and replaces the Python advice in the client's error messages."""

import re
from typing import Final

_REPLACED: Final = tuple(
    (re.compile(pattern), text)
    for pattern, text in (
        (r"client\.permissions\.get\(\) returns", "'imodels permission show IMODEL' shows"),
        (r"client\.operations\.get\(\) returns", "'imodels operation show IMODEL' shows"),
        (r"client\.briefcases\.list\(imodel_id, owner_id='me'\)", "'imodels briefcase list IMODEL --owner me'"),
        (r"client\.changeset_extended_data\.get\(\)", "'imodels extended-data get IMODEL CHANGESET'"),
        (r"client\.changeset_groups\.list\(\)", "'imodels group list IMODEL'"),
        (r"client\.changeset_groups\.get\(\)", "'imodels group show IMODEL GROUP'"),
        (r"client\.changeset_groups\.close\(\)", "'imodels group close IMODEL GROUP'"),
        (r"client\.imodels\.get_by_name\(\)", "'imodels imodel show NAME'"),
        (r"client\.named_versions\.get_by_name\(\)", "'imodels version show IMODEL NAME'"),
        (r"client\.shares\.list\(\)", "'imodels share list IMODEL'"),
        (r"client\.changesets\.get\('(.*?)', '(.*?)'\)", r"'imodels changeset show \1 \2'"),
        (r"client\.imodels\.delete\('(.*?)'\)", r"'imodels imodel delete \1'"),
        (r"client\.wait_for_imodel\('(.*?)'\)", r"'imodels imodel wait \1'"),
        (r"client\.baseline_files\.complete\('(.*?)'\)", r"'imodels baseline complete \1'"),
        (r"client\.checkpoints\.create_for_named_version\(\)", "'imodels checkpoint create IMODEL VERSION'"),
        (r"call (client\.)?release_all_locks\(\)", "run 'imodels lock release-all IMODEL BRIEFCASE'"),
        (r"(client\.)?release_all_locks\(\)", "'imodels lock release-all IMODEL BRIEFCASE'"),
        (r"mirror_timeline\(\)", "'imodels mirror IMODEL FOLDER'"),
        (r"call this again with replace_unfinished=True", "run this again with --replace-unfinished"),
        (r"replace_unfinished=True", "--replace-unfinished"),
        (r": repeat the call to resume", ""),  # the hint of the command says the same
        (r"repeat the call\b", "repeat the command"),
        (r"call login\(\) first, or pass interactive=True", "sign in with 'imodels auth login'"),
        (r"sign in again with login\(\)", "sign in again with 'imodels auth login'"),
        (r"pass open_browser=print and open the URL that it prints", "use --no-browser and open the URL that is shown"),
        (r"pass another redirect_uri registered", "set IMODELS_REDIRECT_URI to another one registered"),
        (r"; pass an index as an integer", ""),
        (r"pass owner, device, older_than or briefcase_ids", "use --owner, --device or --older-than"),
        (r"\bolder_than\b", "--older-than"),
        (r"^auth must be a token", "IMODELS_TOKEN must be a token"),
    )
)


def translate_advice(text: str) -> str:
    """Replace advice on Python calls with advice on commands."""
    for pattern, replacement in _REPLACED:
        text = pattern.sub(replacement, text)
    return text
