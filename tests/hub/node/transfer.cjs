// Moves one file with the vendor's storage client, as its iModels client does.
//
//   node transfer.cjs azure|google upload|upload-in-parts|download LINK FILE
//   node transfer.cjs azure download-part ACCESS FILE
//
// ACCESS is the directoryAccessInfo of a checkpoint as JSON; FILE has the name of the file to download.
// Prints {"ok": true}, or the status and code that the transfer failed with.

const { createReadStream } = require("node:fs");
const { basename } = require("node:path");
const { AzureClientStorage, BlockBlobClientWrapperFactory } = require("@itwin/object-storage-azure");
const { GoogleClientStorage, StorageWrapperFactory } = require("@itwin/object-storage-google");

const [storageType, act, url, file] = process.argv.slice(2);

const storages = {
  azure: () => new AzureClientStorage(new BlockBlobClientWrapperFactory()),
  google: () => new GoogleClientStorage(new StorageWrapperFactory()),
};

const acts = {
  upload: (storage) => storage.upload({ url, data: file, storageType }),
  // From a stream, the client begins to send blocks at once; from a file, only above 256 MiB.
  "upload-in-parts": (storage) =>
    storage.uploadInMultipleParts({
      url,
      storageType,
      data: createReadStream(file),
      options: { partSize: 1 << 20, queueSize: 5 },
    }),
  "download-part": (storage) => {
    const access = JSON.parse(url);
    return storage.download({
      reference: { baseDirectory: access.baseDirectory, objectName: basename(file) },
      transferConfig: {
        baseUrl: access.baseUrl,
        authentication: access.azure.sasToken,
        expiration: new Date(Date.now() + 60_000),
        storageType,
      },
      storageType,
      transferType: "local",
      localPath: file,
    });
  },
  download: (storage) => storage.download({ url, storageType, transferType: "local", localPath: file }),
};

acts[act](storages[storageType]()).then(
  () => console.log(JSON.stringify({ ok: true })),
  (error) =>
    console.log(
      JSON.stringify({
        ok: false,
        status: error.statusCode ?? error.response?.status ?? null,
        code: error.code ?? null,
        message: String(error.message),
      }),
    ),
);
