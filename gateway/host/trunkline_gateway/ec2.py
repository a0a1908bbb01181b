"""EC2's Query API as far as a gateway needs it: see and move routes and an address. With the machine's own role alone.

Credentials come from the instance metadata service, version 2 only (a session token first), are kept in memory and stand
in no argument, log or error. See AWS, "Use the Instance Metadata Service to access instance metadata".
"""

import http.client
import json
import random
import ssl
import time
import urllib.parse
import xml.etree.ElementTree

from . import sigv4

METADATA = "169.254.169.254"
API_VERSION = "2016-11-15"
TRY_SECONDS = 3
# AWS, "Query API request rate": these go away; whatever else is refused stays refused.
PASSING = {"RequestLimitExceeded", "Throttling", "InternalError", "InternalFailure", "ServiceUnavailable", "Unavailable"}


class Failed(Exception):
    """One sentence with EC2's own code, and nothing that is secret."""

    def __init__(self, sentence, passing):
        super().__init__(sentence)
        self.passing = passing


class Credentials:
    """The role's, asked for again ten minutes before they end, or when EC2 does not take them."""

    def __init__(self):
        self.known = None
        self.until = 0

    def get(self, now):
        if self.known is None or now >= self.until:
            token = metadata("PUT", "/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "300"})
            said = {"X-aws-ec2-metadata-token": token}
            folder = "/latest/meta-data/iam/security-credentials/"
            roles = metadata("GET", folder, said).split()
            if not roles:
                raise Failed("the machine has no role: its instance profile is missing", False)
            found = json.loads(metadata("GET", f"{folder}{roles[0]}", said))
            self.known = (found["AccessKeyId"], found["SecretAccessKey"], found["Token"])
            # Clocks may differ, so the lifetime counts from now; AWS renews with more than five minutes to go.
            self.until = now + 300
        return self.known

    def forget(self):
        self.known = None


def metadata(method, path, headers):
    status, text = ask(http.client.HTTPConnection(METADATA, timeout=TRY_SECONDS), method, path, headers, None, "the metadata service")
    if status == 404:
        raise Failed("the machine has no role: its instance profile is missing", True)
    if status != 200:
        raise Failed(f"the metadata service answers {status}", True)
    return text


def ask(connection, method, path, headers, body, whom):
    try:
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read(4_000_000).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        # The kind alone: what an exception quotes may be a header.
        raise Failed(f"{whom} cannot be reached ({type(error).__name__})", True) from None
    finally:
        connection.close()


class Ec2:
    def __init__(self, region):
        self.region = region
        self.host = f"ec2.{region}.amazonaws.com"
        self.credentials = Credentials()
        self.trust = ssl.create_default_context()

    def routes(self, tables, deadline):
        """{table: {destination: network interface, or None for any other target}}."""
        asked = {f"RouteTableId.{index}": table for index, table in enumerate(tables, 1)}
        root = self.call({"Action": "DescribeRouteTables", **asked}, deadline)
        return {
            found.findtext("{*}routeTableId"): {
                route.findtext("{*}destinationCidrBlock"): route.findtext("{*}networkInterfaceId")
                for route in found.findall("{*}routeSet/{*}item")
            }
            for found in root.findall("{*}routeTableSet/{*}item")
        }

    def replace(self, table, destination, interface, deadline):
        self.call(
            {"Action": "ReplaceRoute", "RouteTableId": table, "DestinationCidrBlock": destination, "NetworkInterfaceId": interface},
            deadline,
        )

    def address(self, allocation, deadline):
        """(network interface, private address) that it is associated with; None: with nothing."""
        root = self.call({"Action": "DescribeAddresses", "AllocationId.1": allocation}, deadline)
        for found in root.findall("{*}addressesSet/{*}item"):
            if found.findtext("{*}allocationId") == allocation and found.findtext("{*}associationId"):
                return found.findtext("{*}networkInterfaceId"), found.findtext("{*}privateIpAddress")
        return None

    def associate(self, allocation, interface, private, deadline):
        """Wherever it was: EC2 takes it from there and gives it here in one step."""
        self.call(
            {
                "Action": "AssociateAddress", "AllocationId": allocation, "NetworkInterfaceId": interface,
                "PrivateIpAddress": private, "AllowReassociation": "true",
            },
            deadline,
        )  # fmt: skip

    def call(self, words, deadline):
        """The answer's XML. What passes is tried again, later each time, until the deadline (time.monotonic)."""
        tries = 0
        while True:
            try:
                return self.once(words)
            except Failed as failed:
                pause = min(0.2 * 2**tries, 2) * (0.5 + random.random() / 2)
                if not failed.passing or time.monotonic() + pause >= deadline:
                    raise
                tries += 1
                time.sleep(pause)

    def once(self, words):
        key_id, secret, token = self.credentials.get(time.monotonic())
        body = urllib.parse.urlencode({**words, "Version": API_VERSION}).encode()
        at = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        headers = {
            "content-type": "application/x-www-form-urlencoded; charset=utf-8",
            "host": self.host,
            "x-amz-date": at,
            "x-amz-security-token": token,
        }
        signed = sigv4.authorization("POST", "/", headers, body, at, (self.region, "ec2"), (key_id, secret))
        connection = http.client.HTTPSConnection(self.host, timeout=TRY_SECONDS, context=self.trust)
        status, text = ask(connection, "POST", "/", {**headers, "authorization": signed}, body, self.host)
        if status == 200:
            return xml.etree.ElementTree.fromstring(text)
        code = code_in(text)
        if code in ("AuthFailure", "RequestExpired", "ExpiredToken", "InvalidClientTokenId"):
            # It may have a new role, or a new key of the old one.
            self.credentials.forget()
        raise Failed(f"EC2 refuses {words['Action']}: {code or status}", code in PASSING or status >= 500)


def code_in(text):
    try:
        found = xml.etree.ElementTree.fromstring(text).find(".//{*}Code")
    except xml.etree.ElementTree.ParseError:
        return None
    return None if found is None or found.text is None else found.text[:60]
