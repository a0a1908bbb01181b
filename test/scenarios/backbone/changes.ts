import assert from "node:assert/strict";
import { type Backbone, planOf } from "./backbone";
import { nothingLost, under } from "./measured";

/** Every release of the two regions is another, and no tunnel. */
const management = "management: { allowFrom: [192.0.2.0/24] }\n";
const use1 = "{ cloud: aws, region: us-east-1, cidr: 10.10.0.0/16, epochs: { a: { image: 2 } } }";
const managed = planOf(["use1", "euw1"], {}, management);
const replaced = planOf(["use1", "euw1"], { use1 });
const three = planOf(["use1", "euw1", "apne1"], { use1 });

/**
 * A change that fails at a gateway leaves its partner alone, and one that succeeds every tunnel that it is not about. Comes
 * last: what it leaves is another fleet. @param started the backbone of two regions, once it is up
 */
export function changes(started: () => Backbone): void {
  let backbone: Backbone;
  const other = "use1-b";

  const spisWithout = async (gateway: string): Promise<Record<string, readonly string[]>> => {
    const all = { ...(await backbone.spis(other)), ...(await backbone.spis("euw1-b")) };
    return Object.fromEntries(Object.entries(all).filter(([id]) => !id.split("~").includes(gateway)));
  };
  const assertSame = (now: Record<string, readonly string[]>, was: Record<string, readonly string[]>) => {
    assert.ok(Object.keys(was).length > 0);
    for (const [id, spis] of Object.entries(was)) assert.deepEqual(now[id], spis, id);
  };

  before(() => {
    backbone = started();
  });

  it("a gateway whose daemon refuses is named with file and line, and the other of the pair is left alone @slow", async () => {
    const was = [await backbone.status("use1-a"), await backbone.status(other)];
    const steady = await spisWithout("use1-a");
    await backbone.sh("use1-a", "printf 'connections {\\n}\\n}\\n' > /etc/swanctl/conf.d/zz-mine.conf");
    await assert.rejects(backbone.up(managed), /use1-a: [^]*zz-mine\.conf:\d+/);
    const now = [await backbone.status("use1-a"), await backbone.status(other)];
    for (const [index, { release }] of now.entries()) {
      assert.equal(release.current, was[index]?.release.current);
      assert.equal(release.pending, null);
    }
    assertSame(await spisWithout("use1-a"), steady);
    await backbone.sh("use1-a", "rm /etc/swanctl/conf.d/zz-mine.conf");
  });

  it("a replaced machine keeps its address and its identity, and nothing is lost @slow", async () => {
    const was = { machine: backbone.instanceOf("use1-a"), address: backbone.addressOf("use1-a") };
    const hostKey = (await backbone.status("use1-a")).hostKey;
    const flows = await under(backbone, () => backbone.up(replaced));
    nothingLost(flows);
    assert.notEqual(backbone.instanceOf("use1-a"), was.machine);
    assert.equal(backbone.addressOf("use1-a"), was.address);
    assert.notEqual((await backbone.status("use1-a")).hostKey, hostKey);
    assert.deepEqual(await backbone.failing(), []);
  });

  it("a gateway that cannot be reached is named, and the other of the pair is left alone @slow", async () => {
    const was = await backbone.status(other);
    const steady = await spisWithout("use1-a");
    await backbone.site.probes.power(backbone.instanceOf("use1-a"), "off");
    await assert.rejects(backbone.up(three), /use1-a/);
    assert.deepEqual((await backbone.status(other)).release, was.release);
    assertSame(await spisWithout("use1-a"), steady);
    await backbone.site.probes.power(backbone.instanceOf("use1-a"), "on");
    await backbone.untilUp("use1-a", ["euw1-a~use1-a", "euw1-b~use1-a"]);
  });

  it("one more region joins: no SPI of an existing tunnel changes, and every proof passes @slow", async () => {
    const was = await spisWithout("");
    await backbone.up(three);
    assertSame(await spisWithout(""), was);
    assert.deepEqual(await backbone.failing(), []);
  });
}
