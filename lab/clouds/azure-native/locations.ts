/**
 * Azure's locations that the lab knows, and whether they have availability zones.
 * @see Microsoft Learn, "List of Azure regions"
 */
const withZones = [
  ...["australiaeast", "austriaeast", "belgiumcentral", "brazilsouth", "canadacentral", "centralindia"],
  ...["centralus", "chilecentral", "eastasia", "eastus", "eastus2", "francecentral", "germanywestcentral"],
  ...["indonesiacentral", "israelcentral", "italynorth", "japaneast", "japanwest", "koreacentral"],
  ...["malaysiawest", "mexicocentral", "newzealandnorth", "northeurope", "norwayeast", "polandcentral"],
  ...["qatarcentral", "southafricanorth", "southcentralus", "southeastasia", "spaincentral"],
  ...["swedencentral", "switzerlandnorth", "uaenorth", "uksouth", "westeurope", "westus2", "westus3"],
];
const withoutZones = [
  ...["australiasoutheast", "canadaeast", "northcentralus", "ukwest", "westcentralus", "westindia", "westus"],
];

/** undefined: Azure has no such location. */
export function hasZones(location: string): boolean | undefined {
  return withZones.includes(location) ? true : withoutZones.includes(location) ? false : undefined;
}
