import assert from "node:assert/strict";
import { HostFolder, smallRelease } from "./machine";

const units = {
  "/etc/systemd/system/trunkline-espinudp.service": "[Unit]\n",
  "/etc/systemd/system/trunkline-espinudp.socket": "[Unit]\n",
};

describe("trunkline-gateway espinudp", () => {
  let host: HostFolder;
  beforeEach(() => (host = new HostFolder()));
  afterEach(() => host.remove());

  it("has the kernel take ESP in UDP by the socket that systemd passes on, and leaves the socket open", () => {
    // As systemd does it: the socket is descriptor 3 of the process that it names.
    const said = host.python(`
import json, os, socket
passed = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
passed.bind(("127.0.0.1", 0))
# systemd keeps its own.
held = socket.socket(fileno=os.dup(passed.fileno()))
os.dup2(passed.fileno(), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
from trunkline_gateway import espinudp
assert espinudp.take() == {"ports": [held.getsockname()[1]]}
print(held.getsockopt(socket.IPPROTO_UDP, espinudp.UDP_ENCAP))
`);
    assert.equal(said.stdout, "2\n", said.stderr);
  });

  for (const { passed, why } of [
    { passed: {}, why: "nothing is passed" },
    { passed: { LISTEN_FDS: "1", LISTEN_PID: "1" }, why: "it was passed to another process" },
  ])
    it(`says what to start: ${why}`, () => {
      const said = host.python(
        `import os;os.environ.update(${JSON.stringify(passed)});from trunkline_gateway.main import main;main(["espinudp"])`,
      );
      assert.equal(
        said.stderr,
        "trunkline-gateway: systemd passed no socket: start trunkline-espinudp.socket\n",
      );
    });

  it("takes sockets of both families", () => {
    const said = host.python(`
import fcntl, os, socket
held = []
for number, (family, address) in enumerate(((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))):
    one = socket.socket(family, socket.SOCK_DGRAM)
    one.bind((address, 0))
    # Well above those that it is to be at.
    held.append(socket.socket(fileno=fcntl.fcntl(one.fileno(), fcntl.F_DUPFD, 60)))
    os.dup2(one.detach(), 50 + number)
for number in range(2):
    os.dup2(50 + number, 3 + number)
os.environ.update(LISTEN_FDS="2", LISTEN_PID=str(os.getpid()))
from trunkline_gateway import espinudp
assert espinudp.take() == {"ports": [one.getsockname()[1] for one in held]}
print([one.getsockopt(socket.IPPROTO_UDP, espinudp.UDP_ENCAP) for one in held])
`);
    assert.equal(said.stdout, "[2, 2]\n", said.stderr);
  });

  it("its units are started with the release that brings them, and stopped with the one that takes them away", () => {
    const apply = (release: { readonly name: string; readonly bundle: string }) => {
      for (const [words, stdin] of [
        [["stage"], release.bundle],
        [["apply", release.name, "--confirm-within", "60s"], ""],
        [["confirm", release.name], ""],
      ] as const)
        assert.equal(host.run(words, { stdin }).code, 0);
      return host.calls().filter((call) => /^systemctl .*(start|stop) .*espinudp/.test(call));
    };
    assert.deepEqual(apply(smallRelease(units)), [
      "systemctl start trunkline-espinudp.socket trunkline-espinudp.service",
    ]);
    host.write("/run/active/trunkline-espinudp.socket", "");
    const more = { ...units, "/etc/systemd/system/trunkline-espinudp.socket": "[Unit]\n[Socket]\n" };
    assert.deepEqual(apply(smallRelease(more)), [
      // One that listens takes another address by a restart alone.
      "systemctl restart trunkline-espinudp.socket trunkline-espinudp.service",
      "systemctl start trunkline-espinudp.socket trunkline-espinudp.service",
    ]);
    assert.deepEqual(apply(smallRelease()).sort(), [
      "systemctl -q stop trunkline-espinudp.service",
      "systemctl -q stop trunkline-espinudp.socket",
    ]);
  });
});
