import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const program = `
import sys
sys.path.insert(0, sys.argv[1])
from trunkline_gateway import gre, links
links.batch = print
gre.commands = lambda: []
links.make_links()
`;

describe("interfaces of tunnels, on a gateway", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "trunkline-links-"));
    mkdirSync(join(folder, "etc/trunkline"), { recursive: true });
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** What `ip` is told, where it shows these devices. */
  function told(wanted: string, present: readonly object[]): string[] {
    writeFileSync(join(folder, "etc/trunkline/links"), wanted);
    const ip = join(folder, "ip");
    writeFileSync(ip, `#!/bin/sh\ncat <<'JSON'\n${JSON.stringify(present)}\nJSON\n`);
    chmodSync(ip, 0o755);
    const { stdout, stderr } = spawnSync(
      "python3",
      ["-EsB", "-c", program, join(__dirname, "../../../gateway/host")],
      {
        encoding: "utf8",
        env: { ...process.env, PATH: `${folder}:${process.env["PATH"] ?? ""}`, TRUNKLINE_ROOT: folder },
      },
    );
    assert.equal(stderr, "");
    return stdout.split("\n").filter((line) => line !== "");
  }

  const wanted = "x1 7 fd00::1/127 1390 # euw1-a~use1-a\nx2 8 169.254.6.2/30 1390 # euw1-1~use1-a\n";
  const device = (ifname: string, ifId: string, local: string, prefixlen: number) => ({
    ifname,
    flags: ["UP"],
    mtu: 1390,
    linkinfo: { info_kind: "xfrm", info_data: { if_id: ifId } },
    addr_info: [{ local, prefixlen }],
  });

  it("have an IPv6 address, which nobody waits for, or an IPv4 one towards a managed gateway", () => {
    assert.deepEqual(told(wanted, []), [
      "link add name x1 type xfrm if_id 7",
      "link set dev x1 mtu 1390 up",
      "addr replace fd00::1/127 dev x1 nodad",
      "link add name x2 type xfrm if_id 8",
      "link set dev x2 mtu 1390 up",
      "addr replace 169.254.6.2/30 dev x2",
    ]);
  });

  it("are left alone where nothing changed, and change their address in place", () => {
    const there = [device("x1", "0x7", "fd00::1", 127), device("x2", "0x8", "169.254.6.2", 30)];
    assert.deepEqual(told(wanted, there), []);
    const moved = [there[0] ?? {}, device("x2", "0x8", "169.254.7.2", 30)];
    assert.deepEqual(told(wanted, moved), [
      "addr replace 169.254.6.2/30 dev x2",
      "addr del 169.254.7.2/30 dev x2",
    ]);
  });
});
