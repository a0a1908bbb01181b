import assert from "node:assert/strict";
import { cloudSeed, machineSeed } from "../../../lab/machine/seed";

const doors = { authority: "PEM\n", hash: "0123abcd", address: "198.51.100.53", names: ["ec2.example"] };

/** The files of an archive by name (POSIX ustar: a block of head, the content in whole blocks). */
function filesOf(archive: Buffer): Map<string, string> {
  const files = new Map<string, string>();
  for (let at = 0; archive[at] !== 0;) {
    const name = archive.toString("utf8", at, archive.indexOf(0, at));
    const size = parseInt(archive.toString("ascii", at + 124, at + 135), 8);
    files.set(name, archive.toString("utf8", at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

describe("what a machine of the lab finds on its second disk", () => {
  it("tells one that boots the short form all that a cloud would", () => {
    const files = filesOf(
      machineSeed({
        hostname: "one",
        address: "10.0.0.4/28",
        router: "10.0.0.1",
        mac: "02:00:00:00:00:01",
        mtu: 1500,
        userData: "#!/bin/sh\n",
        cloud: doors,
      }),
    );
    assert.equal(files.get("user-data"), "#!/bin/sh\n");
    assert.match(files.get("settings") ?? "", /^MACHINE_ADDRESS='10\.0\.0\.4\/28'$/m);
    assert.equal(files.get("names"), "198.51.100.53 ec2.example\n");
  });

  it("tells one that boots as on a cloud no more than EC2's firmware does, and whom to believe", () => {
    const files = filesOf(cloudSeed("i-1", doors));
    assert.match(files.get("firmware") ?? "", /^system-uuid: ec2[0-9a-f]{5}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/m);
    assert.equal(files.get("authority.0123abcd"), doors.authority);
    for (const name of ["settings", "names", "user-data", "user-data-once"])
      assert.ok(!files.has(name), name);
  });
});
