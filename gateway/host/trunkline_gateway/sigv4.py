"""AWS Signature Version 4 of one request, by the standard library.

Debian's python3-boto3 would bring the definitions of every service of AWS onto each gateway, for two calls of one of them.
See AWS, "Create a signed AWS API request" (IAM User Guide).
"""

import hashlib
import hmac


def authorization(method, path, headers, body, at, scope, key):
    """
    The Authorization header. `headers` are all that is signed, names in lower case; `at` is x-amz-date; `scope` is
    (region, service); `key` is (id, secret). No query string: everything is in the body.
    """
    region, service = scope
    key_id, secret = key
    names = ";".join(sorted(headers))
    canonical = "\n".join(
        [
            method,
            path,
            "",
            *(f"{name}:{' '.join(headers[name].split())}" for name in sorted(headers)),
            "",
            names,
            hashlib.sha256(body).hexdigest(),
        ]
    )
    day = at[:8]
    credential = f"{day}/{region}/{service}/aws4_request"
    signed = f"AWS4-HMAC-SHA256\n{at}\n{credential}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signing = f"AWS4{secret}".encode()
    for word in (day, region, service, "aws4_request"):
        signing = digest(signing, word).digest()
    signature = digest(signing, signed).hexdigest()
    return f"AWS4-HMAC-SHA256 Credential={key_id}/{credential}, SignedHeaders={names}, Signature={signature}"


def digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256)
