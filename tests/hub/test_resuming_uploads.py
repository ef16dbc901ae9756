"""An interrupted upload of a changeset resumes."""

import base64
import hashlib
import re

import httpx

from itwin_imodels_hub import LocalHub, SeedIModel

PIECES = [b"a" * 1000, b"b" * 1000, b"c" * 10]
CONTENT = b"".join(PIECES)
CHANGESET_ID = hashlib.sha1(CONTENT, usedforsecurity=False).hexdigest()
BLOCK_IDS = [base64.b64encode(f"{number:05}".encode()).decode() for number in range(len(PIECES))]


def put_block(link: str, number: int) -> None:
    """Stage one block."""
    httpx.put(f"{link}&comp=block&blockid={BLOCK_IDS[number]}", content=PIECES[number]).raise_for_status()


def test_a_push_resumes_with_the_blocks_that_are_there() -> None:
    """A repeated push returns another link to the same upload, which lists the existing blocks."""
    with LocalHub() as hub, httpx.Client(headers={"Authorization": f"Bearer {hub.token()}"}) as api:
        address = f"{hub.base_url}/{hub.control.create_imodel(SeedIModel(name='Bridge'))}"
        briefcase = api.post(f"{address}/briefcases", json={}).json()["briefcase"]["briefcaseId"]
        push = {"id": CHANGESET_ID, "briefcaseId": briefcase, "fileSize": len(CONTENT)}

        first = api.post(f"{address}/changesets", json=push).json()["changeset"]["_links"]["upload"]["href"]
        put_block(first, 0)
        put_block(first, 1)

        again = api.post(f"{address}/changesets", json=push).json()["changeset"]["_links"]["upload"]["href"]
        assert again != first
        staged = httpx.get(f"{again}&comp=blocklist&blocklisttype=uncommitted").raise_for_status().text
        assert re.findall(r"<Name>(.*?)</Name>", staged) == BLOCK_IDS[:2]

        put_block(again, 2)
        listed = "".join(f"<Latest>{each}</Latest>" for each in BLOCK_IDS)
        committed = httpx.put(f"{again}&comp=blocklist", content=f"<BlockList>{listed}</BlockList>")
        assert committed.status_code == 201
        confirmation = {"state": "fileUploaded", "briefcaseId": briefcase}
        confirmed = api.patch(f"{address}/changesets/{CHANGESET_ID}", json=confirmation).json()["changeset"]
        assert confirmed["state"] == "fileUploaded"
        download = api.get(f"{address}/changesets/1").json()["changeset"]["_links"]["download"]["href"]
        assert httpx.get(download).content == CONTENT
