import type { ArgumentProblem } from "../problem";
import { isUniqueLocal, parseBlock6 } from "../block";
import { limits } from "./limits";
import type { NetworkSpec } from "./network.plan";

/** A network whose gateways speak to others over IPv6: each of their subnets has an IPv6 block that the internet routes. */
export function checkOutside({
  outsideIpv6 = false,
  ipv6,
  subnets,
  existing,
}: NetworkSpec): ArgumentProblem[] {
  const problems: ArgumentProblem[] = [];
  const generated = outsideIpv6 && ipv6 === undefined;
  const block = ipv6 === undefined ? undefined : parseBlock6(ipv6.cidr);
  if (outsideIpv6 && existing !== undefined)
    problems.push({
      path: "outsideIpv6",
      message: "An existing network keeps the blocks and routes that it has.",
      remedy: "Leave outsideIpv6 out.",
    });
  if (outsideIpv6 && block !== undefined && isUniqueLocal(block))
    problems.push({
      path: "ipv6.cidr",
      message: `${String(ipv6?.cidr)} is a unique local block, which no internet gateway takes to anybody.`,
      remedy: "Choose a global one, or leave ipv6 out for a block of Amazon's.",
    });
  const most = limits.generatedIpv6.subnets - 1;
  for (const [index, { name, role, ipv6: own, ipv6Place: place }] of subnets.entries()) {
    const path = `subnets[${index}].ipv6Place`;
    if (place === undefined) {
      if (outsideIpv6 && role === "gateway" && own === undefined)
        problems.push({
          path: generated ? path : `subnets[${index}].ipv6`,
          message: `The gateway in ${name} would have no IPv6 address.`,
          remedy: generated
            ? "Say which /64 of the network's block the subnet has: ipv6Place: 0."
            : "Give the subnet a /64 of the network's block.",
        });
      continue;
    }
    if (!generated || own !== undefined)
      problems.push({
        path,
        message:
          "A place is of a block that Amazon chooses, and here there is none or the subnet's is known.",
        remedy: "Write outsideIpv6 without ipv6, or leave ipv6Place out.",
      });
    if (!Number.isInteger(place) || place < 0 || place > most)
      problems.push({
        path,
        message: `${String(place)} is no /64 of a /${limits.generatedIpv6.prefix}.`,
        remedy: `Write a number from 0 to ${most}.`,
      });
    if (subnets.findIndex((other) => other.ipv6Place === place) < index)
      problems.push({
        path,
        message: `There are two subnets with the place ${String(place)}.`,
        remedy: "Give each subnet a place of its own.",
      });
  }
  return problems;
}
