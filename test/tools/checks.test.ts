import assert from "node:assert/strict";
import * as checks from "../../tools/setup/checks";
import { ignoredOptions } from "../../tools/setup/kernel";
import { mmdebstrapArguments } from "../../tools/setup/base";
import {
  artifactFolders,
  artifactNames,
  imageArtifacts,
  imageParts,
  releases,
} from "../../tools/setup/recipes";
import { requirements } from "../../tools/setup/requirements";

describe("what is wrong with a machine is one clear sentence, and what to do another", () => {
  const rows: readonly { readonly what: string; readonly finding: checks.Finding; readonly says: RegExp }[] =
    [
      {
        what: "macOS",
        finding: checks.checkPlatform({ platform: "darwin", arch: "arm64" }),
        says: /this is macOS\. Use/,
      },
      {
        what: "arm64",
        finding: checks.checkPlatform({ platform: "linux", arch: "arm64" }),
        says: /x86-64 only/,
      },
      {
        what: "no ptrace",
        finding: checks.checkPtrace({ refused: "EPERM" }),
        says: /forbids ptrace \(EPERM\).*Set kernel/,
      },
      {
        what: "no space in the cache",
        finding: checks.checkSpace({ folder: "/cache", freeBytes: 1e9, neededBytes: 5e9 }),
        says: /\/cache has 1\.0 GB free.*XDG_CACHE_HOME/,
      },
      {
        what: "a cache of somebody else",
        finding: checks.checkCacheWritable({ folder: "/cache", refused: "EACCES" }),
        says: /cannot be written to \(EACCES\)/,
      },
      {
        what: "a tiny /dev/shm, and nothing else",
        finding: checks.checkMemoryFolder([
          { folder: "/dev/shm", freeBytes: 64e6, writable: true, executable: true },
          { folder: "/tmp", freeBytes: 9e9, writable: true, executable: false },
        ]),
        says: /\/dev\/shm has 64 MB free, \/tmp is mounted noexec.*--shm-size/,
      },
      {
        what: "no mmdebstrap, no gcc, as an ordinary user",
        finding: checks.checkPrograms({
          missing: [
            { program: "mmdebstrap", package: "mmdebstrap" },
            { program: "gcc", package: "gcc" },
          ],
          apt: true,
        }),
        says: /needs mmdebstrap, gcc, not found here\. Run once: sudo apt-get install .* gcc mmdebstrap$/,
      },
      {
        what: "no gcc on a system without apt",
        finding: checks.checkPrograms({ missing: [{ program: "gcc", package: "gcc" }], apt: false }),
        says: /no apt-get to bring them/,
      },
      {
        what: "no Go and no download",
        finding: checks.checkPulumi({ available: false, go: undefined }),
        says: /no Go to build it\. Install Go/,
      },
      {
        what: "a Go that is too old",
        finding: checks.checkPulumi({ available: false, go: "go version go1.19.8 linux/amd64" }),
        says: /too old to build it/,
      },
      {
        what: "no user namespaces",
        finding: checks.checkUserNamespaces({ refused: "EPERM" }),
        says: /as root/,
      },
    ];
  for (const { what, finding, says } of rows)
    it(what, () => {
      assert.match(finding?.message ?? "nothing", says);
    });

  it("nothing is said of a machine that will do", () => {
    assert.equal(checks.checkPlatform({ platform: "linux", arch: "x64" }), undefined);
    assert.equal(checks.checkPtrace({ refused: undefined }), undefined);
    assert.equal(checks.checkPulumi({ available: true, go: undefined }), undefined);
    assert.equal(checks.checkPulumi({ available: false, go: "go version go1.26.1 linux/amd64" }), undefined);
    assert.equal(checks.checkPrograms({ missing: [], apt: false }), undefined);
  });

  it("asks for no program that nothing uses any more", () => {
    const later = requirements({ artifacts: [], root: true, forTests: false }).map(({ program }) => program);
    assert.deepEqual(later, ["ssh", "python3"]);
  });
});

describe("the kernel's configuration", () => {
  it("names what the source ignores; what is off and absent is off", () => {
    assert.deepEqual(
      ignoredOptions("CONFIG_A=y\nCONFIG_B=n\nCONFIG_C=y\n", "CONFIG_A=y\n# CONFIG_C is not set\n"),
      ["CONFIG_C=y"],
    );
  });
});

describe("folders of the cache", () => {
  it("have a name by content for each artifact", () => {
    const folders = artifactFolders();
    for (const [name, folder] of Object.entries(folders))
      assert.match(folder, new RegExp(`^${name}-[0-9a-f]{16}$`));
    assert.deepEqual(artifactFolders(), folders);
  });

  it("begin with no other's name: whoever makes one clears away what a killed maker of the same left", () => {
    for (const name of artifactNames)
      for (const other of artifactNames)
        assert.ok(name === other || !other.startsWith(`${name}-`), `${name}, ${other}`);
  });

  it("differ by release, from the suite on", () => {
    const folders = artifactFolders();
    const keys = Object.values(imageArtifacts).map(({ image }) => folders[image].slice(-16));
    assert.equal(new Set(keys).size, keys.length);
  });
});

describe("images of further releases", () => {
  it("need what the default one's making needs", () => {
    const need = (artifact: "base" | "debian-12-base") =>
      requirements({ artifacts: [artifact], root: false, forTests: false });
    assert.deepEqual(need("debian-12-base"), need("base"));
    assert.ok(need("debian-12-base").some(({ program }) => program === "newuidmap"));
  });

  it("come from their own suite, with /usr merged as an installed system has it", () => {
    const words = (release: keyof typeof releases) =>
      mmdebstrapArguments({
        ...{ mode: "root", ...releases[release], image: "i", packages: "p", prepare: [], include: [] },
      });
    assert.ok(words("debian-12").includes("bookworm"));
    assert.ok(words("debian-12").some((word) => /^deb .* bookworm-security main$/.test(word)));
    assert.ok(!words("debian-12").some((word) => word.includes("trixie")));
    assert.ok(words("debian-12").some((word) => word.startsWith("--setup-hook=") && word.includes("ln -s")));
    assert.ok(!words("debian-13").some((word) => word.startsWith("--setup-hook=")));
  });

  it("of a cloud have all of a gateway's packages besides cloud-init, and nothing of the lab does cloud-init's work", () => {
    const [plain, cloud] = [imageParts("debian-13"), imageParts("debian-13-cloud")];
    assert.deepEqual(cloud.packages.slice(0, plain.packages.length), plain.packages);
    for (const name of ["cloud-init", "netplan.io", "udev"]) assert.ok(cloud.packages.includes(name), name);
    assert.deepEqual(cloud.units, ["trunkline-lab-seed.service", "trunkline-lab-agent.service"]);
    // What costs only time is masked in the short form; here, what cannot be.
    assert.ok(
      cloud.masked.every((unit) => /getty/.test(unit)),
      cloud.masked.join(),
    );
    assert.equal(cloud.prepare.length, 2);
  });
});
