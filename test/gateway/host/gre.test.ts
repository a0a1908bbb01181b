import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const wanted = "transit0 10.1.0.4 100.64.7.1 169.254.100.1/29 1456\n";
const device = (change: object = {}, about: object = {}) => ({
  ifname: "transit0",
  flags: ["UP"],
  mtu: 1456,
  linkinfo: { info_kind: "gre", info_data: { local: "10.1.0.4", remote: "100.64.7.1", ...about } },
  addr_info: [
    { family: "inet", local: "169.254.100.1", prefixlen: 29 },
    { family: "inet6", local: "fe80::1", prefixlen: 64 },
  ],
  ...change,
});
const made = [
  "link add name transit0 type gre local 10.1.0.4 remote 100.64.7.1 ttl 64",
  "link set dev transit0 mtu 1456 up",
  "addr replace 169.254.100.1/29 dev transit0",
];

describe("GRE to a transit gateway, on a gateway", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "trunkline-gre-"));
    mkdirSync(join(folder, "etc/trunkline"), { recursive: true });
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** What `ip` is told, where it shows these devices. */
  function told(text: string | undefined, present: readonly object[]) {
    if (text !== undefined) writeFileSync(join(folder, "etc/trunkline/gre"), text);
    const ip = join(folder, "ip");
    writeFileSync(ip, `#!/bin/sh\ncat <<'JSON'\n${JSON.stringify(present)}\nJSON\n`);
    chmodSync(ip, 0o755);
    const program =
      "import json\nfrom trunkline_gateway import gre\nfrom trunkline_gateway.place import Refused\ntry:\n    print(json.dumps(gre.commands()))\nexcept Refused as error:\n    print(json.dumps(str(error)))";
    const { stdout, stderr } = spawnSync(
      "python3",
      [
        "-EsB",
        "-c",
        `import sys; sys.path.insert(0, sys.argv[1])\n${program}`,
        join(__dirname, "../../../gateway/host"),
      ],
      {
        encoding: "utf8",
        env: { ...process.env, PATH: `${folder}:${process.env["PATH"] ?? ""}`, TRUNKLINE_ROOT: folder },
      },
    );
    assert.equal(stderr, "");
    const answer: unknown = JSON.parse(stdout);
    return answer;
  }

  for (const { what, text, present, says } of [
    { what: "none is wanted, and none is there", text: undefined, present: [], says: [] },
    { what: "it is made", text: `# interface\n${wanted}`, present: [], says: made },
    { what: "what is as wanted is left alone", text: wanted, present: [device()], says: [] },
    {
      what: "another end is another tunnel",
      text: wanted,
      present: [device({}, { remote: "100.64.7.9" })],
      says: ["link del dev transit0", ...made],
    },
    {
      what: "what is down is set up",
      text: wanted,
      present: [device({ flags: [] })],
      says: ["link set dev transit0 mtu 1456 up"],
    },
    {
      what: "an address that it should not have goes",
      text: wanted,
      present: [
        device({
          addr_info: [
            { family: "inet", local: "169.254.100.1", prefixlen: 29 },
            { family: "inet", local: "169.254.100.9", prefixlen: 29 },
          ],
        }),
      ],
      says: ["addr del 169.254.100.9/29 dev transit0"],
    },
    { what: "it goes with its file", text: undefined, present: [device()], says: ["link del dev transit0"] },
    {
      what: "nobody else's is touched",
      text: undefined,
      present: [device({ ifname: "gre0" }), device({ ifname: "office" })],
      says: [],
    },
  ])
    it(what, () => {
      assert.deepEqual(told(text, present), says);
    });

  for (const line of [
    "transit0 10.1.0.4 100.64.7.1 169.254.100.1/29",
    "eth0 10.1.0.4 100.64.7.1 169.254.100.1/29 1456",
    "transit0 10.1.0.4;reboot 100.64.7.1 169.254.100.1/29 1456",
  ])
    it(`refuses "${line}"`, () => {
      assert.match(String(told(`${line}\n`, [])), /^\/etc\/trunkline\/gre:1: .* is no tunnel$/);
    });
});
