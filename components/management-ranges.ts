import { parseBlock } from "./block";
import type { ArgumentProblem } from "./problem";

/** Whom a cloud's firewall lets in by SSH: somebody, and not everybody. */
export function checkManagementRanges(managementAllowFrom: readonly string[]): ArgumentProblem[] {
  const path = "managementAllowFrom";
  const remedy = "Write who may manage gateways, for example management: { allowFrom: [203.0.113.0/24] }.";
  if (managementAllowFrom.length === 0)
    return [{ path, message: "Nobody may manage the gateways, so no release could reach them.", remedy }];
  return managementAllowFrom.flatMap((cidr, index): ArgumentProblem[] => {
    const block = parseBlock(cidr);
    if (block === undefined)
      return [{ path: `${path}[${index}]`, message: `"${cidr}" is no canonical IPv4 block.`, remedy }];
    return block.prefix === 0
      ? [{ path: `${path}[${index}]`, message: "SSH would be open to the whole internet.", remedy }]
      : [];
  });
}
