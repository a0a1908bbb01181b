import assert from "node:assert/strict";
import { parseSsh } from "../../../lab/recorded/ssh-request";

describe("lab/recorded: ssh's arguments", () => {
  for (const { argv, address, user, command, why } of [
    {
      argv: ["root@10.0.0.1", "true"],
      address: "10.0.0.1",
      user: "root",
      command: "true",
      why: "the plain form",
    },
    {
      argv: ["-l", "root", "10.0.0.1"],
      address: "10.0.0.1",
      user: "root",
      command: "",
      why: "a login name apart",
    },
    {
      argv: ["-F", "none", "-oBatchMode=yes", "-T", "-i", "/k", "root@h", "python3", "-", "x"],
      address: "h",
      user: "root",
      command: "python3 - x",
      why: "options with and without values, joined and apart",
    },
  ])
    it(why, () => {
      const call = parseSsh(argv);
      assert.deepEqual([call?.address, call?.user, call?.command], [address, user, command]);
    });

  it("the first value of an option counts", () => {
    const call = parseSsh(["-o", "UserKnownHostsFile=/a", "-o", "userknownhostsfile=/b", "h"]);
    assert.equal(call?.options.get("userknownhostsfile"), "/a");
  });

  it("without a host there is nothing to call", () => assert.equal(parseSsh(["-T"]), undefined));
});
