// Does one job with the unmodified TypeScript client of the vendor, for peer.py.
//
//   node peer.cjs JOB BASE_URL TOKEN IMODEL_ID FOLDER
//
// Prints one JSON object: `seconds` and `cpu` of the job without loading the packages, the `peak` memory of the process,
// and the `result` or `error` of the job.

const fs = require("node:fs");
const path = require("node:path");
const { IModelsClient } = require("@itwin/imodels-client-authoring");
const { toArray } = require("@itwin/imodels-client-management");
const { AzureClientStorage, BlockBlobClientWrapperFactory } = require("@itwin/object-storage-azure");

const [job, baseUrl, token, iModelId, folder] = process.argv.slice(2);
const client = new IModelsClient({
  api: { baseUrl },
  cloudStorage: new AzureClientStorage(new BlockBlobClientWrapperFactory()),
});
const scoped = { authorization: async () => ({ scheme: "Bearer", token }), iModelId };

const jobs = {
  list: async () => (await toArray(client.changesets.getMinimalList({ ...scoped, urlParams: { $top: 1000 } }))).length,
  pull: async () =>
    (await client.changesets.downloadList({ ...scoped, urlParams: { $top: 1000 }, targetDirectoryPath: folder })).length,
  push: async () => {
    const briefcase = await client.briefcases.acquire(scoped);
    const { id, parentId, filePath } = JSON.parse(fs.readFileSync(path.join(folder, "push.json"), "utf8"));
    const properties = { id, parentId, filePath, briefcaseId: briefcase.briefcaseId };
    return (await client.changesets.create({ ...scoped, changesetProperties: properties })).index;
  },
};

async function main() {
  await client.iModels.getSingle(scoped); // loads the modules that are loaded on first use
  const before = process.cpuUsage();
  const begin = process.hrtime.bigint();
  const told = {};
  try {
    told.result = await jobs[job]();
  } catch (error) {
    told.error = String(error.code ?? error.name);
  }
  const used = process.cpuUsage(before);
  told.seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  told.cpu = (used.user + used.system) / 1e6;
  told.peak = Number(/VmHWM:\s*(\d+)/.exec(fs.readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
  console.log(JSON.stringify(told));
}

main();
