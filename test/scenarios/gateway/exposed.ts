import assert from "node:assert/strict";
import { renderNetworkUnit, renderRepairUnit, renderRoutesUnit } from "trunkline/gateway/renderers/units";
import { exposure } from "../../gateway/exposure";
import type { TwoGateways } from "./two-gateways";

/** Of gateways that run a release, use1-a's services. */
export function exposedNoMore(two: () => TwoGateways): void {
  describe("systemd-analyze security", () => {
    const folder = "/run/systemd/system";
    const units = Object.keys(exposure);
    /** All units' at once. */
    const levels = async () => {
      await two().must("use1-a", ["systemctl", "daemon-reload"]);
      const said = await two().must("use1-a", ["systemd-analyze", "security", "--no-pager", ...units]);
      const found = [...said.matchAll(/Overall exposure level for (\S+): ([\d.]+)/g)];
      return {
        said,
        of: Object.fromEntries(found.map(([, unit = "", level]) => [unit, Number(level)])),
      };
    };
    // Of gateways that move routes or repair them, and of those with IPv6, which this is not.
    const further = {
      "trunkline-routes.service": renderRoutesUnit(false),
      "trunkline-network.service": renderNetworkUnit("ipv6"),
      "trunkline-repair.service": renderRepairUnit(),
    };
    before(async () => {
      for (const [unit, text] of Object.entries(further))
        await two().must("use1-a", ["sh", "-c", `cat > ${folder}/${unit}`], text);
    });
    after(async () => {
      const made = Object.keys(further).map((unit) => `${folder}/${unit}`);
      await two().must("use1-a", ["sh", "-c", `rm -r ${made.join(" ")} ${folder}/*.d/zz-bare.conf`]);
      await two().must("use1-a", ["systemctl", "daemon-reload"]);
    });

    it("finds no service exposed more than it was", async () => {
      const { said, of } = await levels();
      for (const unit of units) assert.ok((of[unit] ?? 10) <= (exposure[unit] ?? 0), `${unit}\n${said}`);
    });

    it("finds each exposed more that may make namespaces, so that the numbers are no wider than needed", async () => {
      const bare = units.map(
        (unit) =>
          `mkdir -p ${folder}/${unit}.d && printf '[Service]\\nRestrictNamespaces=no\\n' > ${folder}/${unit}.d/zz-bare.conf`,
      );
      await two().must("use1-a", ["sh", "-euc", bare.join("\n")]);
      const { said, of } = await levels();
      for (const unit of units) assert.ok((of[unit] ?? 0) > (exposure[unit] ?? 10), `${unit}\n${said}`);
    });
  });
}
