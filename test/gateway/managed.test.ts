import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { derivePlan } from "trunkline/fleet/derive";
import { parseFleet } from "trunkline/fleet/parse";
import { allTunnels, hostOf, type Plan } from "trunkline/fleet/plan";
import { regionsWithSeed } from "trunkline/gateway/ppk";
import { previewFacts, previewPsks, renderPreview } from "trunkline/gateway/preview";
import { derivePsks } from "trunkline/gateway/psk";
import { renderRelease, secretPaths } from "trunkline/gateway/render";
import { gatewayView } from "trunkline/gateway/view";
import { z } from "zod";
import { assertGolden } from "./golden";

const swanctl = "/etc/swanctl/conf.d/trunkline.conf";
const keys = "/etc/swanctl/conf.d/trunkline-psk.conf";
const names = ["apne1", "euw1", "use1"] as const;
const seeds = Object.fromEntries(names.map((name) => [name, Buffer.alloc(32, name).toString("base64")]));
const modes = z.object({ files: z.record(z.string(), z.object({ mode: z.string() })) });

function planOf(managed: string, regions: readonly string[] = names): Plan {
  const lines = regions.map(
    (name, index) =>
      `  ${name}: { cloud: aws, region: us-east-1, cidr: 10.${String(index + 1)}.0.0/16${name === managed ? ", gateway: managed" : ""} }\n`,
  );
  const parsed = parseFleet(`fleet: acme\nregions:\n${lines.join("")}`, "fleet.yaml");
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return derivePlan(parsed.value);
}

const plan = planOf("euw1");

/** Sections of swanctl's connections by name. */
function connectionsIn(text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(/^ {2}(\S+~\S+) \{\n([\s\S]*?)^ {2}\}$/gm)].map(([, name = "", body = ""]) => [
      name,
      body,
    ]),
  );
}

describe("a gateway's tunnels to a managed one", () => {
  it("are rendered as in the golden folder, the keys in a file of their own", () => {
    const { files } = renderPreview(plan, "use1-a");
    const shown = [swanctl, keys, "/etc/frr/frr.conf", "/etc/trunkline/links", "/etc/nftables.conf"];
    assertGolden(
      join(__dirname, "golden/managed-use1-a"),
      Object.fromEntries(shown.map((path) => [path, files[path] ?? ""])),
    );
  });

  for (const managed of ["apne1", "use1"])
    it(`prove both ends by the tunnel's own key, and are called from here, when the other end is ${managed}`, () => {
      const one = planOf(managed);
      const facts = previewFacts(one, "euw1-a");
      const { files } = renderPreview(one, "euw1-a");
      const connections = connectionsIn(files[swanctl] ?? "");
      const { tunnels } = gatewayView(one, "euw1-a");
      const theirs = tunnels.filter(({ peer }) => peer.region === managed);
      assert.equal(theirs.length, 2);
      for (const { tunnel, peer, self } of theirs) {
        const text = connections.get(tunnel.id) ?? "";
        const address = facts.peers[peer.gateway] ?? "";
        assert.match(text, new RegExp(`remote_addrs = ${address}\n`));
        assert.match(
          text,
          new RegExp(`local \\{\\s+auth = psk\\s+id = ${facts.self.publicAddress ?? "none"}\n`),
        );
        assert.match(text, new RegExp(`remote \\{\\s+auth = psk\\s+id = ${address}\n`));
        for (const line of [
          "childless = allow",
          "send_cert = never",
          "start_action = trap|start",
          "dpd_action = restart",
          "proposals = aes256gcm16-prfsha384-ecp384",
          "esp_proposals = aes256gcm16-ecp384",
          "local_ts = 0.0.0.0/0\n",
          "remote_ts = 0.0.0.0/0\n",
          `if_id_out = ${String(self.ifId)}`,
        ])
          assert.ok(text.includes(line), `${line} in ${text}`);
        assert.doesNotMatch(text, /pubkey|ppk|revocation/);
      }
      for (const [name, text] of connections)
        if (!theirs.some(({ tunnel }) => tunnel.id === name)) assert.match(text, /childless = force/);
    });

  it("have a BGP session over IPv4, without BFD, roles or TTL security, and filters as any other", () => {
    const frr = renderPreview(plan, "use1-a").files["/etc/frr/frr.conf"] ?? "";
    const asn = String(plan.regions.find(({ name }) => name === "euw1")?.asn);
    const theirs = gatewayView(plan, "use1-a").tunnels.filter(({ tunnel }) => tunnel.managed !== undefined);
    for (const { peer, self } of theirs) {
      const address = hostOf(peer.inside);
      assert.match(address, /^169\.254\.\d+\.\d+$/);
      const lines = frr.split("\n").filter((line) => line.includes(` neighbor ${address} `));
      const has = (line: string) => lines.some((each) => each.trim() === `neighbor ${address} ${line}`);
      for (const line of [
        `remote-as ${asn}`,
        `update-source ${hostOf(self.inside)}`,
        "activate",
        "prefix-list from-euw1 in",
        "prefix-list to-euw1 out",
        "route-map from-tunnel in",
        "route-map to-tunnel out",
      ])
        assert.ok(has(line), `${line} in ${lines.join("\n")}`);
      for (const word of [/ bfd\b/, /local-role/, /ttl-security/, /extended-nexthop/])
        assert.ok(!lines.some((line) => word.test(line)), String(word));
    }
    assert.equal(theirs.length, 2);
  });

  it("have a Cloud Router's own timers where the managed end is Google's", () => {
    const parsed = parseFleet(
      "fleet: acme\nregions:\n  euw1: { cloud: gcp, region: europe-west1, cidr: 10.2.0.0/16, gateway: managed }\n  use1: { cloud: aws, region: us-east-1, cidr: 10.3.0.0/16 }\n",
      "fleet.yaml",
    );
    assert.ok(parsed.ok, JSON.stringify(parsed));
    const google = derivePlan(parsed.value);
    const frr = renderPreview(google, "use1-a").files["/etc/frr/frr.conf"] ?? "";
    const theirs = gatewayView(google, "use1-a").tunnels;
    assert.equal(theirs.length, 2);
    for (const { peer } of theirs) assert.ok(frr.includes(` neighbor ${hostOf(peer.inside)} timers 20 60\n`));
    assert.doesNotMatch(renderPreview(plan, "use1-a").files["/etc/frr/frr.conf"] ?? "", /timers 20 60/);
  });

  describe("to Azure's", () => {
    const parsed = parseFleet(
      "fleet: acme\nregions:\n  weu: { cloud: azure, region: westeurope, cidr: 10.2.0.0/16, gateway: managed }\n  use1: { cloud: aws, region: us-east-1, cidr: 10.3.0.0/16 }\n",
      "fleet.yaml",
    );
    assert.ok(parsed.ok, JSON.stringify(parsed));
    const azure = derivePlan(parsed.value);

    it("are rendered as in the golden folder", () => {
      const { files } = renderPreview(azure, "use1-a");
      const shown = [swanctl, keys, "/etc/frr/frr.conf", "/etc/trunkline/links"];
      assertGolden(
        join(__dirname, "golden/managed-azure-use1-a"),
        Object.fromEntries(shown.map((path) => [path, files[path] ?? ""])),
      );
    });

    it("speak BGP from one address with both instances, each reached by its own tunnel, which never call", () => {
      const { files } = renderPreview(azure, "use1-a");
      const frr = files["/etc/frr/frr.conf"] ?? "";
      const theirs = gatewayView(azure, "use1-a").tunnels;
      assert.equal(theirs.length, 2);
      assert.equal(new Set(theirs.map(({ self }) => self.inside)).size, 1);
      assert.equal(new Set(theirs.map(({ peer }) => peer.inside)).size, 2);
      for (const { self, peer } of theirs) {
        const address = hostOf(peer.inside);
        for (const line of [
          `ip route ${address}/32 ${self.interface}`,
          ` neighbor ${address} update-source ${hostOf(self.inside)}`,
          ` neighbor ${address} disable-connected-check`,
          // Fixed at Azure's end, and to be the same here ("VPN Gateway FAQ").
          ` neighbor ${address} timers 60 180`,
        ])
          assert.ok(frr.includes(`${line}\n`), line);
        assert.ok(!frr.includes(`neighbor ${address} passive`));
        assert.match(files["/etc/trunkline/links"] ?? "", new RegExp(`${self.interface} .* ${self.inside} `));
      }
      assert.doesNotMatch(
        renderPreview(plan, "use1-a").files["/etc/frr/frr.conf"] ?? "",
        /disable-connected-check|ip route 169/,
      );
    });

    it("have one key for both tunnels of a gateway, another for its partner", () => {
      const psks = derivePsks("acme", allTunnels(azure), {
        weu: Buffer.alloc(32, "weu").toString("base64"),
        use1: seeds.use1 ?? "",
      });
      assert.equal(Object.keys(psks).length, 4);
      assert.equal(psks["use1-a~weu-1"], psks["use1-a~weu-2"]);
      assert.equal(psks["use1-b~weu-1"], psks["use1-b~weu-2"]);
      assert.equal(new Set(Object.values(psks)).size, 2);
      // "VPN Gateway FAQ": printable ASCII except space, hyphen and tilde.
      for (const key of Object.values(psks)) assert.match(key, /^[!-,./0-9:-}]{1,128}$/);
    });
  });

  it("say their key nowhere but in its file, which is for root alone", () => {
    const psks = derivePsks("acme", allTunnels(plan), seeds);
    assert.equal(Object.keys(psks).length, 8);
    const { files, manifest } = renderRelease(plan, "use1-a", previewFacts(plan, "use1-a"), {}, psks);
    for (const [path, text] of Object.entries(files))
      assert.equal(
        Object.values(psks).some((key) => text.includes(key)),
        path === keys,
        path,
      );
    for (const [path, { mode }] of Object.entries(modes.parse(JSON.parse(manifest)).files))
      assert.equal(mode === "0600", secretPaths.includes(path), path);
    for (const [id, key] of Object.entries(psks))
      assert.equal((files[keys] ?? "").includes(key), id.includes("use1-a"), id);
  });

  it("each key names its two ends, so that it is tried with no other peer", () => {
    const text = renderPreview(plan, "use1-a").files[keys] ?? "";
    const facts = previewFacts(plan, "use1-a");
    for (const { tunnel, peer } of gatewayView(plan, "use1-a").tunnels)
      assert.equal(
        text.includes(
          `  ike-${tunnel.id} {\n    id-own = ${facts.self.publicAddress ?? "none"}\n    id-peer = ${facts.peers[peer.gateway] ?? "none"}\n`,
        ),
        tunnel.managed !== undefined,
      );
  });

  it("refuses to be rendered without a key, or without the gateway's own public address", () => {
    const facts = previewFacts(plan, "use1-a");
    assert.throws(() => renderRelease(plan, "use1-a", facts), /no preshared key of euw1-1~use1-a/);
    const { publicAddress, ...self } = facts.self;
    assert.ok(publicAddress !== undefined);
    assert.throws(
      () => renderRelease(plan, "use1-a", { ...facts, self }, {}, previewPsks(plan, "use1-a")),
      /no public address/,
    );
  });
});

describe("preshared keys", () => {
  it("are HKDF over both regions' seeds, in what AWS takes", () => {
    const psks = derivePsks("acme", allTunnels(plan), seeds);
    // RFC 5869, sections 2.2 and 2.3, written out.
    const ikm = Buffer.concat(["euw1", "use1"].map((name) => Buffer.alloc(32, name)));
    const prk = createHmac("sha256", "acme").update(ikm).digest();
    const okm = createHmac("sha256", prk).update("trunkline psk euw1-1~use1-a\u0001").digest();
    assert.equal(psks["euw1-1~use1-a"], okm.toString("base64url").replaceAll("-", "."));
  });

  it("are of AWS' alphabet and length, never begin with a zero, and never fall together", () => {
    const all = Array.from({ length: 200 }, (_, index) => {
      const own = Object.fromEntries(
        names.map((name) => [name, Buffer.alloc(32, `${name}${String(index)}`).toString("base64")]),
      );
      return Object.values(derivePsks("acme", allTunnels(plan), own));
    }).flat();
    for (const key of all) assert.match(key, /^[A-Za-z1-9._][A-Za-z0-9._]{7,63}$/);
    assert.equal(new Set(all).size, all.length);
    // 32 bytes, six bits a character.
    assert.ok(all.every((key) => key.length === 43));
  });

  it("are another for another fleet, and need both regions' seeds", () => {
    const mine = derivePsks("acme", allTunnels(plan), seeds);
    const others = derivePsks("other", allTunnels(plan), seeds);
    for (const [id, key] of Object.entries(mine)) assert.notEqual(others[id], key);
    const { euw1, ...without } = seeds;
    assert.ok(euw1 !== undefined);
    assert.throws(() => derivePsks("acme", allTunnels(plan), without), /no secret of region euw1/);
    assert.deepEqual(regionsWithSeed(plan), [...names]);
    assert.deepEqual(regionsWithSeed(planOf("none")), []);
  });
});
