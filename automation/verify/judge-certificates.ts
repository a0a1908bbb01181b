import { X509Certificate } from "node:crypto";
import { allTunnels, type Plan } from "trunkline/fleet/plan";
import type { GatewayStatus } from "trunkline/gateway/status";
import type { Statuses } from "./judge-gateways";
import { type Judgement, judged } from "./proof";
import { tunnelsWhereHeld } from "./shared-address";

/** Each gateway's certificate, as its peers' daemons hold what it presented: its name, its authority, its time. */
export function judgeCertificates(
  plan: Plan,
  statuses: Statuses,
  issued: ReadonlyMap<string, string>,
): Judgement[] {
  const held = new Map(
    allTunnels(tunnelsWhereHeld(plan, statuses)).map((tunnel) => [tunnel.id, tunnel.ends] as const),
  );
  return plan.regions.flatMap(({ gateways }) =>
    gateways.flatMap(({ id, identity }) => {
      const pem = issued.get(id);
      const wanted = pem === undefined ? "none issued" : describe(pem);
      // Of a pair that shares an address, who holds it; under its own name each is known to its partner alone.
      const peers = allTunnels(plan).flatMap(({ id: tunnel, ends, managed }) => {
        // Between these there are preshared keys.
        if (managed !== undefined) return [];
        const [one, other] = held.get(tunnel) ?? ends;
        return ends[0].gateway === id ? [other.gateway] : ends[1].gateway === id ? [one.gateway] : [];
      });
      // One that has tunnels to managed gateways alone presents its certificate to nobody.
      if (peers.length === 0 && presentsToNobody(plan, id)) return [];
      const seen = peers.map((peer) => {
        const status = statuses.get(peer);
        if (status === undefined || "silent" in status) return { peer, text: "no answer" };
        return { peer, text: presentedText(identity, status) };
      });
      const holds = seen.length > 0 && seen.every(({ text }) => text === wanted);
      const texts = [...new Set(seen.map(({ text }) => text))];
      const observed =
        texts.length === 1 ? (texts[0] ?? "") : seen.map(({ peer, text }) => `${peer}: ${text}`).join(" | ");
      return judged("certificate", id, wanted, observed, holds, `list-certs at ${peers.join(", ")}`);
    }),
  );
}

function presentsToNobody(plan: Plan, gateway: string): boolean {
  return allTunnels(plan).some(({ managed }) => managed?.connection === gateway);
}

/**
 * What a gateway presented to this peer. charon keeps what was presented earlier as well, so the newest counts, and only
 * if an SA is younger than it: an older SA was made with another.
 */
function presentedText(identity: string, { ikeSas, certificates, clock }: GatewayStatus): string {
  const ages = ikeSas
    .filter(({ state, remote }) => state === "ESTABLISHED" && remote.identity === identity)
    .map(({ establishedSeconds }) => establishedSeconds);
  if (ages.length === 0) return "no SA with it";
  const [newest] = certificates
    .filter((held) => namesOf(held).includes(identity))
    .map((pem) => ({ pem, from: Date.parse(new X509Certificate(pem).validFrom) / 1000 }))
    .sort((one, other) => other.from - one.from || (one.pem < other.pem ? -1 : 1));
  if (newest === undefined) return "no certificate of it";
  // Both are whole seconds.
  const older = ages.some((age) => clock - age < newest.from - 2);
  return older ? `an SA that is older than its certificate, ${describe(newest.pem)}` : describe(newest.pem);
}

function namesOf(pem: string): string[] {
  const names = new X509Certificate(pem).subjectAltName ?? "";
  return names.split(", ").map((name) => name.replace(/^DNS:/, ""));
}

function describe(pem: string): string {
  const { subjectAltName, issuer, serialNumber, validTo, fingerprint256 } = new X509Certificate(pem);
  const days = Date.parse(validTo) > Date.now() ? `until ${validTo}` : `expired ${validTo}`;
  return `${subjectAltName ?? ""} by ${issuer.replaceAll("\n", ", ")}, serial ${serialNumber.toLowerCase()}, ${days}, ${fingerprint256.replaceAll(":", "").slice(0, 16).toLowerCase()}`;
}
