// Makes a container in azurite and stores files in it: node put_blobs.mjs HOST KEY CONTAINER (NAME FILE)...
// Requests are signed by the account's key (Shared Key of Azure Storage, version 2020-10-02).
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

const [host, key, container, ...files] = process.argv.slice(2);
const account = "devstoreaccount1";

async function put(path, query, headers, body) {
  const own = { "x-ms-date": new Date().toUTCString(), "x-ms-version": "2020-10-02", ...headers };
  const named = Object.keys(own).sort().map((name) => `${name}:${own[name]}\n`).join("");
  const length = body.length === 0 ? "" : String(body.length);
  // The account comes twice where it stands in the address.
  const resource = `/${account}/${account}/${path}` + (query ? "\nrestype:container" : "");
  const text = `PUT\n\n\n${length}\n\n\n\n\n\n\n\n\n${named}${resource}`;
  const signature = createHmac("sha256", Buffer.from(key, "base64")).update(text, "utf8").digest("base64");
  const url = `http://${host}/${account}/${path}${query}`;
  const answer = await fetch(url, { method: "PUT", headers: { ...own, Authorization: `SharedKey ${account}:${signature}` }, body });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}

await put(container, "?restype=container", {}, Buffer.alloc(0));
for (let place = 0; place < files.length; place += 2) {
  const body = readFileSync(files[place + 1]);
  await put(`${container}/${files[place]}`, "", { "x-ms-blob-type": "BlockBlob" }, body);
}
