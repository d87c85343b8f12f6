"""Programs that look at mails and links on behalf of people, by what they call themselves and where they come from."""

from ipaddress import ip_network
from typing import Final

# In small letters, anywhere in a user agent: what scanners, crawlers and link previews say of themselves.
AGENTS: Final = (
    "bot",
    "crawler",
    "spider",
    "scan",
    "preview",
    "prefetch",
    "facebookexternalhit",
    "whatsapp/",
    "barracuda",
    "mimecast",
    "proofpoint",
    "symantec",
    "trendmicro",
    "safelinks",
    "microsoft office existence discovery",
    "headlesschrome",
    "phantomjs",
    "curl/",
    "wget/",
    "python-",
    "aiohttp",
    "go-http-client",
    "java/",
    "okhttp",
    "libwww",
    "node-fetch",
    "axios/",
)
# Programs of mail services that load the pictures of a mail when its reader opens it; they never follow a link.
OPENING_PROXIES: Final = ("googleimageproxy", "yahoomailproxy")
# Exactly this, and nothing behind it: Apple loads the pictures of every mail, opened or not.
APPLE_PROXY: Final = "Mozilla/5.0"
# Where mail gateways look at links from, by their providers' own lists, and Apple's own network. People behind a
# gateway's browser come from there as well, so that such an address is a doubt and no proof.
NETWORKS: Final = tuple(
    ip_network(network)
    for network in (
        "17.0.0.0/8",  # Apple
        "40.92.0.0/15",  # Microsoft Exchange Online Protection, with the three below
        "40.107.0.0/16",
        "52.100.0.0/14",
        "104.47.0.0/17",
        "67.231.144.0/20",  # Proofpoint, with the one below
        "148.163.128.0/19",
        "207.211.30.0/23",  # Mimecast, with the one below
        "205.139.110.0/23",
        "64.235.144.0/20",  # Barracuda, with the one below
        "209.222.80.0/21",
    )
)
