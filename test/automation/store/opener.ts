import { once } from "node:events";
import { openEmbedded } from "../../../automation/store/embedded";

/** Opens the database of a folder, says where it is, and stays until it is told to leave or is killed. */
const [, , folder = ""] = process.argv;

void openEmbedded(folder).then(async ({ address, leave }) => {
  process.stdout.write(`${JSON.stringify(address)}\n`);
  process.stdin.resume();
  await once(process.stdin, "end");
  await leave();
  process.exit(0);
});
