import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transforms as aws } from "trunkline/fleet/aws/transforms";
import { transforms as azure } from "trunkline/fleet/azure/transforms";
import { offerOf, type OfferedRole, type VendorTransforms } from "trunkline/fleet/crypto/offer";
import { ownOffer } from "trunkline/fleet/crypto/own";
import { admits, policies } from "trunkline/fleet/crypto/policy";
import { byPreference, transformOf, transformWords } from "trunkline/fleet/crypto/transforms";
import { transforms as gcp } from "trunkline/fleet/gcp/transforms";
import { systemNames } from "trunkline/fleet/system";
import { plannedProposal } from "../../../automation/verify/transforms";

const vendors: readonly VendorTransforms[] = [aws, azure, gcp];
const ends = [...vendors.map(offerOf), ...systemNames.map(ownOffer)];

describe("how strong a transform is", () => {
  // NIST SP 800-57 part 1 revision 5, tables 2 and 3: written from these, not from our table.
  for (const { bits, words } of [
    { bits: 80, words: ["group modp1024", "group ecp192"] },
    { bits: 112, words: ["encryption 3des", "group modp2048", "group ecp224"] },
    { bits: 128, words: ["encryption aes128gcm16", "encryption aes128", "group modp3072", "group ecp256"] },
    { bits: 192, words: ["encryption aes192", "group modp8192", "group ecp384"] },
    {
      bits: 256,
      words: [
        "encryption aes256gcm16",
        "encryption aes256",
        "group ecp521",
        "prf prfsha256",
        "prf prfsha512",
      ],
    },
  ])
    it(`${String(bits)} bits: ${words.join(", ")}`, () => {
      for (const text of words) {
        const [role = "", word = ""] = text.split(" ");
        assert.equal(transformOf(role as OfferedRole, word)?.bits, bits, text);
      }
    });

  it("counts up to 192 bits; then what more ends have comes first", () => {
    const order = (role: OfferedRole, words: readonly string[]) =>
      [...words].sort((one, other) => byPreference(role, one, other));
    assert.deepEqual(order("group", ["modp3072", "ecp256", "modp2048", "ecp521", "ecp384"]), [
      ...["ecp384", "ecp521", "ecp256", "modp3072", "modp2048"],
    ]);
    assert.deepEqual(order("encryption", ["aes128gcm16", "aes256", "chacha20poly1305", "aes256gcm16"]), [
      ...["aes256gcm16", "chacha20poly1305", "aes256", "aes128gcm16"],
    ]);
  });
});

describe("what vendors and systems take", () => {
  for (const { whose, ike, esp } of ends)
    it(`${whose}: every word is of its role`, () => {
      for (const [role, words] of [...Object.entries(ike), ...Object.entries(esp)])
        for (const word of words)
          assert.ok(transformWords(role as OfferedRole).includes(word), `${role} ${word}`);
    });

  it("own gateways offer nothing that is weak", () => {
    for (const system of systemNames) {
      const { ike, esp } = ownOffer(system);
      for (const [role, words] of [...Object.entries(ike), ...Object.entries(esp)])
        for (const word of words)
          assert.equal(transformOf(role as OfferedRole, word)?.weak, undefined, `${role} ${word}`);
    }
  });

  it("no policy takes what is weak", () => {
    for (const policy of policies)
      for (const role of ["encryption", "integrity", "prf", "group"] as const)
        for (const word of transformWords(role))
          if (transformOf(role, word)?.weak !== undefined) assert.ok(!admits(policy, role, word), word);
  });

  it("verify knows the live name of all that own gateways take", () => {
    const { ike, esp } = ownOffer("debian-13");
    for (const word of [...Object.values(ike), ...Object.values(esp)].flat())
      assert.notEqual(plannedProposal(word), "none", word);
  });

  it("docs/crypto.md shows what each vendor takes, by its own words", () => {
    const path = join(__dirname, "../../../docs/crypto.md");
    const page = readFileSync(path, "utf8");
    const [before, , after] = page.split(/<!-- (?:end of )?generated: transforms -->/);
    const table = vendorTable();
    if (process.env["TRUNKLINE_GOLDEN"] === "write")
      writeFileSync(
        path,
        `${before ?? ""}<!-- generated: transforms -->\n\n${table}\n<!-- end of generated: transforms -->${after ?? ""}`,
      );
    const shown = (text: string) => text.replace(/[ -]+/g, " ").trim();
    assert.equal(
      shown(readFileSync(path, "utf8").split(/<!-- (?:end of )?generated: transforms -->/)[1] ?? ""),
      shown(table),
    );
  });
});

/** A row for each word that a vendor takes; weak ones are struck out. */
function vendorTable(): string {
  const rows = (["ike", "esp"] as const).flatMap((protocol) =>
    (["encryption", "integrity", "prf", "group"] as const).flatMap((role) =>
      transformWords(role)
        .map((word) => ({ word, cells: vendors.map((vendor) => cell(vendor, protocol, role, word)) }))
        .filter(({ cells }) => cells.some((text) => text !== ""))
        .sort((one, other) => byPreference(role, one.word, other.word))
        .map(({ word, cells }) => {
          const weak = transformOf(role, word)?.weak !== undefined;
          const bits = String(transformOf(role, word)?.bits ?? 0);
          return `| ${protocol.toUpperCase()} ${role} | ${weak ? `~~\`${word}\`~~` : `\`${word}\``} | ${bits} | ${cells.join(" | ")} |`;
        }),
    ),
  );
  const seconds = (["ike", "esp"] as const).map((protocol) => {
    const cells = vendors.map(({ lifetimes }) => {
      const { least, greatest, standard } = lifetimes[protocol];
      if (least === greatest) return `${String(least)} s, always`;
      return `${String(least)}${greatest === undefined ? " s and more" : `–${String(greatest)} s`}, default ${String(standard)}`;
    });
    return `| ${protocol.toUpperCase()} lifetime | | | ${cells.join(" | ")} |`;
  });
  return [
    `| Role | Word | Bits | ${vendors.map(({ whose }) => whose).join(" | ")} |`,
    `| --- | --- | --- | ${vendors.map(() => "---").join(" | ")} |`,
    ...rows,
    ...seconds,
    "",
  ].join("\n");
}

function cell(vendor: VendorTransforms, protocol: "ike" | "esp", role: OfferedRole, word: string): string {
  const roles: Readonly<Record<string, Readonly<Record<string, string | number>>>> = vendor[protocol];
  const said = roles[role]?.[word];
  return said === undefined ? "" : `\`${String(said)}\``;
}
