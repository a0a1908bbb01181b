import assert from "node:assert/strict";
import { labInternet } from "../../../lab/world/model";
import { drainGateway, undrainGateway } from "../../../automation/operations/drain";
import type { Flow } from "../../../automation/verify/flow";
import { longestSilence } from "../../../automation/verify/flow";
import { type Backbone, kinds as plan } from "./backbone";
import { nothingLost, shown, under as underTraffic } from "./measured";

const options = { stop: new AbortController().signal, onProgress: () => undefined };
/** Without a takeover it would be for ever; on a machine that is free it is 4 to 8 s. */
const takenOverSeconds = 30;

/** What a region whose gateways move its routes holds to. @param started the backbone of `kinds`, once it is up */
export function movesRoutes(started: () => Backbone): void {
  let backbone: Backbone;
  before(() => {
    backbone = started();
  });

  const under = (step: () => Promise<void>): Promise<Flow[]> => underTraffic(backbone, step);
  const routes = (gateway: string) => async () => (await backbone.status(gateway)).cloudRoutes;
  const holds = (gateway: string) =>
    backbone.until(
      gateway,
      ({ cloudRoutes }) => cloudRoutes?.act === "hold" && cloudRoutes.holders.join() === gateway,
      "holds the network's routes",
    );
  const standsBy = (gateway: string, holder: string) =>
    backbone.until(
      gateway,
      ({ cloudRoutes }) => cloudRoutes?.act === "leave" && cloudRoutes.holders.join() === holder,
      `leaves the routes to ${holder}`,
    );

  it("the first gateway holds the routes, the second stands by, and neither has moved any", async () => {
    await holds("use1-a");
    await standsBy("use1-b", "use1-a");
  });

  it("refuses what AWS refuses: no token, no rights, a foreign interface", async () => {
    const metadata = "http.client.HTTPConnection('169.254.169.254', timeout=5)";
    const asked = await backbone.sh(
      "use1-a",
      `python3 -EsB - <<'PROGRAM'
import http.client, json, sys, time
sys.path.insert(0, "/usr/local/lib/trunkline")
from trunkline_gateway.ec2 import Ec2, Failed
said = []
plain = ${metadata}
plain.request("GET", "/latest/meta-data/iam/security-credentials/")
said.append(plain.getresponse().status)
wanted = json.load(open("/etc/trunkline/routes.json"))
table, destination = wanted["tables"][0], wanted["destinations"][0]
own = wanted["gateways"][0]["interface"]
def refused(cloud, step):
    try:
        step(cloud)
        said.append("done")
    except Failed as failed:
        said.append(str(failed))
cloud = Ec2(wanted["cloudRegion"])
refused(cloud, lambda c: c.replace("rtb-0123456789abcdef0", destination, own, time.monotonic() + 30))
refused(cloud, lambda c: c.replace(table, "10.99.0.0/16", own, time.monotonic() + 30))
refused(cloud, lambda c: c.replace(table, destination, "eni-0123456789abcdef0", time.monotonic() + 30))
refused(cloud, lambda c: c.call({"Action": "DescribeInstances"}, time.monotonic() + 30))
forged = Ec2(wanted["cloudRegion"])
key, secret, token = forged.credentials.get(0)
forged.credentials.known, forged.credentials.until = (key, "forged" + secret, token), 1e12
refused(forged, lambda c: c.routes(wanted["tables"], time.monotonic() + 30))
refused(cloud, lambda c: c.replace(table, destination, own, time.monotonic() + 30))
print(json.dumps(said))
PROGRAM`,
    );
    assert.deepEqual(JSON.parse(asked), [
      401,
      "EC2 refuses ReplaceRoute: UnauthorizedOperation",
      "EC2 refuses ReplaceRoute: InvalidParameterValue",
      "EC2 refuses ReplaceRoute: InvalidNetworkInterfaceID.NotFound",
      "EC2 refuses DescribeInstances: UnauthorizedOperation",
      "EC2 refuses DescribeRouteTables: AuthFailure",
      "done",
    ]);
    assert.equal((await backbone.run("apne1-a", ["test", "-e", "/etc/trunkline/routes.json"])).code, 1);
  });

  it("a loses its power: the routes lead to b, and traffic goes on; a is back: to a again, without a loss @slow", async () => {
    const machine = backbone.instanceOf("use1-a");
    const lost = await under(async () => {
      await backbone.site.probes.power(machine, "off");
      await holds("use1-b");
    });
    for (const flow of lost) assert.ok(longestSilence(flow) < takenOverSeconds, shown(flow));
    const back = await under(async () => {
      await backbone.site.probes.power(machine, "on");
      await holds("use1-a");
      await standsBy("use1-b", "use1-a");
    });
    nothingLost(back);
  });

  it("a is drained: the routes lead to b before a stops, and nothing is lost, there and back", async () => {
    const flows = await under(async () => {
      const { quietSeconds } = await drainGateway(plan, backbone.access(), "use1-a", options);
      assert.ok(quietSeconds >= 2);
      await holds("use1-b");
      await undrainGateway(plan, backbone.access(), "use1-a", options);
      await holds("use1-a");
    });
    nothingLost(flows);
  });

  it("up leaves the routes where the gateways have moved them @slow", async () => {
    await drainGateway(plan, backbone.access(), "use1-a", options);
    await holds("use1-b");
    const { moves } = (await routes("use1-b")()) ?? { moves: -1 };
    await backbone.up(plan);
    await holds("use1-b");
    assert.equal((await routes("use1-b")())?.moves, moves);
    await undrainGateway(plan, backbone.access(), "use1-a", options);
    await holds("use1-a");
  });

  it("a that cannot reach the API says so, and says when it can again @slow", async () => {
    const unreachable = `unreachable ${labInternet.api}`;
    await backbone.sh("use1-a", `ip route add ${unreachable}`);
    await backbone.until(
      "use1-a",
      ({ cloudRoutes }) =>
        cloudRoutes?.failed?.error === "ec2.us-east-1.amazonaws.com cannot be reached (OSError)" &&
        cloudRoutes.holders.length === 0,
      "says that the API cannot be reached",
    );
    await backbone.sh("use1-a", "trunkline-gateway metrics > /dev/null");
    const page = await backbone.sh("use1-a", "cat /var/lib/prometheus/node-exporter/trunkline.prom");
    assert.match(page, /^trunkline_routes_failing 1$/m);
    await backbone.sh("use1-a", `ip route del ${unreachable}`);
    await backbone.until(
      "use1-a",
      ({ cloudRoutes }) => cloudRoutes?.failed === null,
      "reaches the API again",
    );
    await holds("use1-a");
  });
}
