"""A party that issues, asks and keeps a forum, as a process, with things in it that can be asked for."""

import base64
import datetime
import hashlib
import json
import os
import pathlib
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

TOKEN = "token of the judge"
PASSPHRASE = "correct horse battery staple"
START_SECONDS_MAX = 60
LANGUAGES = ["ar", "zh", "en", "fr", "ru", "es"]


class Party:
    def __init__(self, sahihi, directory):
        self.sahihi, self.directory = pathlib.Path(sahihi).resolve(), pathlib.Path(directory)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://localhost:{port}"
        names = ", ".join(f'{lang} = "Judged"' for lang in LANGUAGES)
        digest = hashlib.sha256(TOKEN.encode()).hexdigest()
        # Whoever tries everything is stopped by the limits, which others test.
        (self.directory / "config.toml").write_text(f"""
name = {{ {names} }}
organisation = "Judged"
country = "XZ"
identifier = "{self.url}"
listen = "127.0.0.1:{port}"
database = "sqlite:state.sqlite"
keys = "keys"
insecure_loopback = true
limits = {{ wrong_secrets = 1000000000, searches = 1000000000, asks = 1000000000, drafts = 1000000000, kept_kib = 1000000000 }}
[[staff]]
name = "judge"
sha256 = "{digest}"
[issue]
[ask]
credential_anchors = ["keys/root.pem"]
[[ask.issuers]]
anchors = "keys/root.pem"
types = ["{self.url}/types/participant/1"]
[forum]
contact = "forum@judged.example"
""")
        self.process = None

    def command(self, *words):
        return [str(self.sahihi), *words, "--config", str(self.directory / "config.toml")]

    def start(self):
        for words in (["keys", "init"], ["migrate"]):
            subprocess.run(self.command(*words), check=True, stdout=subprocess.DEVNULL)
        log = (self.directory / "serve.log").open("wb")
        environment = {**os.environ, "SAHIHI_LOG": "warn"}
        self.process = subprocess.Popen(
            self.command("serve"), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment
        )
        begun = time.monotonic()
        while True:
            try:
                return self.call("GET", "/healthz", staff=False)
            except (urllib.error.URLError, ConnectionError):
                if self.process.poll() is not None or time.monotonic() - begun > START_SECONDS_MAX:
                    raise SystemExit("the party does not answer:\n" + self.log()) from None
                time.sleep(0.02)

    def log(self):
        return (self.directory / "serve.log").read_text(errors="replace")

    def stop(self):
        """Whether it was still running, and ended well when it was told to."""
        running = self.process.poll() is None
        self.process.terminate()
        try:
            return running and self.process.wait(20) == 0
        except subprocess.TimeoutExpired:
            self.process.kill()
            return False

    def call(self, method, path, body=None, media_type="application/json", staff=True, token=None):
        content = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
        request = urllib.request.Request(self.url + path, content, method=method)
        if staff or token:
            request.add_header("Authorization", f"Bearer {token or TOKEN}")
        if content is not None:
            request.add_header("Content-Type", media_type)
        with urllib.request.urlopen(request, timeout=10) as response:
            text = response.read().decode()
            return json.loads(text) if "json" in response.headers.get("Content-Type", "") else text

    def wallet(self, *words):
        arguments = ["--home", str(self.directory / "wallet"), "--json", "--insecure-loopback"]
        environment = {**os.environ, "SAHIHI_WALLET_PASSPHRASE": PASSPHRASE}
        done = subprocess.run(
            [str(self.sahihi), "wallet", *arguments, *words], stdin=subprocess.DEVNULL, env=environment,
            capture_output=True, text=True,
        )
        if done.returncode != 0:
            raise SystemExit(f"wallet {words[0]}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout.strip().splitlines()[-1])

    def offer(self, person):
        return self.call("POST", "/staff/v1/offers", {"person": person, "type": "pid", "tx_code": False})

    def ask(self, device="cross", **more):
        query = {"id": "card", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:eudi:pid:1"]}}
        question = {
            "purpose": {lang: "To be judged." for lang in LANGUAGES},
            "device": device,
            **more,
            "dcql_query": {"credentials": [{**query, "claims": [{"path": ["family_name"]}]}]},
        }
        return self.call("POST", "/ask/v1/requests", question)

    def access_token(self, offer):
        """A token that fetches what was offered, and tells of it."""
        grant = urllib.parse.urlencode({
            "grant_type": "urn:ietf:params:oauth:grant-type:pre-authorized_code",
            "pre-authorized_code": code_of(offer),
        })
        form = "application/x-www-form-urlencoded"
        return self.call("POST", "/token", grant.encode(), form, staff=False)["access_token"]

    def response_token(self, request_uri):
        """Where the request that is there is answered."""
        claims = self.call("GET", urllib.parse.urlsplit(request_uri).path, staff=False).split(".")[1]
        return last(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["response_uri"])

    def fill(self):
        """Puts things into it; the names by which each kind is asked for."""
        known = {
            "given_name": "Aminata", "birthdate": "1990-04-02", "nationalities": ["XZ"],
            "place_of_birth": {"locality": "Kindi"},
        }
        people = [
            self.call("POST", "/staff/v1/people", {"attributes": {**known, "family_name": name}})["id"]
            for name in ("Diallo", "Bah", "Sow")
        ]
        organisations = [
            self.call("POST", "/staff/v1/organisations", {"attributes": {
                "legal_name": f"Judged {n}", "registration_number": f"J-{n}", "country": "XZ",
            }})["id"]
            for n in range(3)
        ]
        mandates = [
            self.call("POST", f"/staff/v1/organisations/{organisation}/mandates", {
                "person": person, "capacity": "director", "reason": "elected",
            })["id"]
            for person, organisation in zip(people, organisations)
        ]
        imports = [self.call("POST", "/staff/v1/imports", {})["id"] for _ in range(3)]
        anchor = str(self.directory / "keys/root.pem")
        (self.directory / "wallet").mkdir()
        self.wallet("init", "--trust-issuers", anchor, "--trust-askers", anchor)
        accepted = [self.offer(person) for person in people[:2]]
        for offer in accepted:
            self.wallet("accept", offer["link"], "--yes")
        offers = [self.offer(person) for person in people]
        asked = [self.ask() for _ in range(4)]
        self.wallet("answer", asked[0]["link"], "--yes")
        credentials = [self.call("GET", f"/staff/v1/offers/{offer['id']}")["credential"] for offer in accepted]
        codes = [code_of(offer) for offer in (self.offer(person) for person in people)]
        back = {"return_to": "http://localhost:9/back", "session": "a session of the judge"}
        returned = self.wallet("answer", self.ask("same", **back)["link"], "--yes")["redirect_uri"]
        links = [urllib.parse.parse_qs(urllib.parse.urlsplit(one["link"]).query) for one in asked[1:]]
        return {
            "people": people,
            "organisations": organisations,
            "mandates": mandates,
            "imports": imports,
            "credentials": credentials,
            "offers": [offer["id"] for offer in accepted + offers],
            "offer_tokens": [last(offer["credential_offer_uri"]) for offer in offers[1:]],
            "requests": [one["id"] for one in asked],
            "request_tokens": [last(link["request_uri"][0]) for link in links],
            "waiting_tokens": [last(one["waiting_page"]) for one in asked],
            "response_tokens": [self.response_token(link["request_uri"][0]) for link in links],
            "response_codes": urllib.parse.parse_qs(urllib.parse.urlsplit(returned).query)["response_code"],
            "sessions": [back["session"]],
            "codes": codes,
            "kinds": [self.url + "/types/agreement/1"],
            "access_token": self.access_token(offers[0]),
            **self.fill_forum(people[0]),
        }

    def fill_forum(self, person):
        """Circulars and calls in their states, and what was submitted to one of them."""
        forum = "/staff/v1/forum"
        kept = self.call("POST", f"{forum}/addressees", {"reason": "The list of 2026.", "addressees": [
            {"mail": f"posts-{n}@judged.example", "lang": "fr", "class": "member_state", "name": "Posts"}
            for n in range(8)
        ]})
        listed = self.call("GET", f"{forum}/addressees")["addressees"]
        assert kept and len(listed) == 8, kept
        circulars = [f"CL-{n}" for n in range(6)]
        for symbol in circulars:
            self.call("POST", f"{forum}/circulars", {
                "symbol": symbol, "dated": "2026-03-01", "signatory": "Amina Diallo, Secretary-General",
                "subject": english("A call opens"), "text": english("Tell us."), "contact": "forum@judged.example",
            })
        for symbol in circulars[:2]:
            self.call("POST", f"{forum}/circulars/{symbol}/send", {})
        calls = [f"C-{n}" for n in range(8)]
        for symbol in calls:
            self.call("POST", f"{forum}/calls", {
                "symbol": symbol, "kind": "consultation", "title": english("A call"),
                "introduction": english("Tell us."),
                "questions": [
                    {"id": "q1", "kind": "long_text", "label": english("What?"), "required": True},
                    {"id": "q2", "kind": "text", "label": english("Who?"), "required": False},
                ],
                "opens": from_now(-1), "closes": {"instant": from_now(24), "zone": "UTC", "wording": "before"},
                "policy": "at_once", "contact": "forum@judged.example",
            })
        for symbol in calls[:5]:
            self.call("POST", f"{forum}/calls/{symbol}/acts", {"act": "announce"})
        offer = self.call("POST", "/staff/v1/offers", {"person": person, "type": "participant", "tx_code": False})
        self.wallet("accept", offer["link"], "--yes")
        signings, submissions = [], []
        for n in range(6):
            said = {
                "form_version": 1, "lang": "en", "answers": {"q1": {"text": f"Answer {n}"}},
                "party": {"class": "individual", "name": f"Somebody {n}"},
            }
            asked = self.call("POST", f"/forum/v1/calls/{calls[0]}/submissions", said, staff=False)
            signings.append(asked["token"])
            if n < 5:
                self.wallet("answer", asked["link"], "--yes")
                came = self.call("GET", f"/forum/v1/signings/{asked['token']}", staff=False)
                submissions.append(came["submission"])
        return {
            "addressees": [one["id"] for one in listed],
            "circulars": circulars,
            "calls": calls,
            "public_circulars": circulars[:2],
            "public_calls": calls[:5],
            "submissions": submissions,
            "signings": signings,
        }


def english(text):
    return {"original": "en", "texts": {"en": text}}


def from_now(hours):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def code_of(offer):
    grant = offer["credential_offer"]["grants"]["urn:ietf:params:oauth:grant-type:pre-authorized_code"]
    return grant["pre-authorized_code"]


def last(address):
    return urllib.parse.urlsplit(address).path.rsplit("/", 1)[-1]

