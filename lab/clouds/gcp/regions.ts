/**
 * Zones of regions, by their suffixes.
 * @see Google Cloud, "Regions and zones", Available regions and zones
 */
const abc = ["a", "b", "c"];
const zones: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    [
      ...[
        "africa-south1",
        "asia-east1",
        "asia-east2",
        "asia-northeast1",
        "asia-northeast2",
        "asia-northeast3",
      ],
      ...["asia-south1", "asia-south2", "asia-southeast1", "asia-southeast2", "australia-southeast1"],
      ...["australia-southeast2", "europe-central2", "europe-north1", "europe-north2", "europe-southwest1"],
      ...["europe-west10", "europe-west12", "europe-west2", "europe-west3", "europe-west4", "europe-west6"],
      ...[
        "europe-west8",
        "europe-west9",
        "me-central1",
        "me-central2",
        "me-west1",
        "northamerica-northeast1",
      ],
      ...["northamerica-northeast2", "northamerica-south1", "southamerica-east1", "southamerica-west1"],
      ...["us-east4", "us-east5", "us-south1", "us-west1", "us-west2", "us-west3", "us-west4"],
    ].map((region) => [region, abc]),
  ),
  "europe-west1": ["b", "c", "d"],
  "us-east1": ["b", "c", "d"],
  "us-central1": ["a", "b", "c", "f"],
};

/** Names of a region's zones; undefined: Google has no such region. */
export function zonesOf(region: string): readonly string[] | undefined {
  return zones[region]?.map((suffix) => `${region}-${suffix}`);
}

/** The region of a zone; undefined: Google has no such zone. */
export function regionOfZone(zone: string): string | undefined {
  const region = zone.slice(0, zone.lastIndexOf("-"));
  return zonesOf(region)?.includes(zone) === true ? region : undefined;
}
