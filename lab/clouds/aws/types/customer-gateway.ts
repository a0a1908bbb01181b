import { z } from "zod";
import { address } from "../address";
import { newId } from "../context";
import { nameTag, tags, tagsAll } from "../tags";
import { awsType } from "../type";

/**
 * A router elsewhere. Its ASN stands in one of two fields, by its size (EC2 API reference, "CreateCustomerGateway": BgpAsn
 * from 1 to 2147483647, BgpAsnExtended beyond).
 */
const asnField = z.string().regex(/^[1-9]\d{0,9}$/, "must be an ASN");

export const customerGateway = awsType({
  token: "aws:ec2/customerGateway:CustomerGateway",
  inputs: {
    type: z.literal("ipsec.1", "AWS knows no other type"),
    // Without one only a certificate would say who it is, which has no stand-in.
    ipAddress: address,
    bgpAsn: asnField
      .refine((asn) => Number(asn) <= 2147483647, "is greater than 2147483647: bgpAsnExtended takes it")
      .optional(),
    bgpAsnExtended: asnField
      .refine(
        (asn) => Number(asn) > 2147483647 && Number(asn) <= 4294967295,
        "takes 2147483648 to 4294967295",
      )
      .optional(),
    deviceName: z.string().min(1).max(255).optional(),
    tags,
  },
  replacedBy: ["type", "ipAddress", "bgpAsn", "bgpAsnExtended", "deviceName"],
  computed: ["arn", "tagsAll"],
  changing: ["tagsAll"],
  check: ({ bgpAsn, bgpAsnExtended }) =>
    (bgpAsn === undefined) === (bgpAsnExtended === undefined)
      ? [{ property: "", reason: "exactly one of bgpAsn and bgpAsnExtended is needed" }]
      : [],
  async create(given, call) {
    const { context } = call;
    const id = newId("cgw", call, given);
    await context.make({
      kind: "customerGateway",
      id,
      name: nameTag(given.tags, id),
      cloudRegion: context.region,
      address: given.ipAddress,
      asn: Number(given.bgpAsnExtended ?? given.bgpAsn),
      ...(given.deviceName === undefined ? {} : { device: given.deviceName }),
    });
    return {
      id,
      outputs: { ...given, ...tagsAll(given.tags), arn: context.arn("customer-gateway", id) },
    };
  },
  async read(id, _state, { context }) {
    const gateway = await context.find("customerGateway", id);
    return gateway === undefined ? undefined : { ipAddress: gateway.address };
  },
  async update(id, given, _state, { context }) {
    await context.change("customerGateway", id, (gateway) => ({ ...gateway, name: nameTag(given.tags, id) }));
    return { ...given, ...tagsAll(given.tags) };
  },
  remove: (id, _state, { context }) => context.unmake("customerGateway", id),
});
