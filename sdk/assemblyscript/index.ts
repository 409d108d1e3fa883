// What a Kassette plugin written in AssemblyScript imports. See README.md.
export { Call, manifest, run } from "./call";
export { Response } from "./response";
export { Json, Kind, Obj, list, parse, quote } from "./json";
export { base64, fromHex } from "./bytes";
export { log } from "./abi";
