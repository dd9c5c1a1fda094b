"""schemathesis against a running party: `python judge.py --sahihi BINARY --out RESULTS.json`.

The document that the party serves says what may be sent and what is answered; schemathesis sends it, and what may not be
sent, and judges the answers. The results are a case a check: `[{"name": "judge::openapi::CHECK", "ok": …}]`.
"""

import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from party import TOKEN, Party

HERE = pathlib.Path(__file__).parent
SEED = 20260301
EXAMPLES = 20
# How often something that there is is asked for, rather than whatever fits.
SHARE = 0.7

# Which of the things that there are stand where, and how often: for the rest there is what nobody has.
BOUND = {
    "people": ["/staff/v1/people/{id}", "/staff/v1/people/{id}/amendments", "/staff/v1/people/{id}/history",
               "/staff/v1/people/{id}/mandates"],
    "organisations": ["/staff/v1/organisations/{id}", "/staff/v1/organisations/{id}/amendments",
                      "/staff/v1/organisations/{id}/history", "/staff/v1/organisations/{id}/mandates"],
    "mandates": ["/staff/v1/mandates/{id}/end"],
    "imports": ["/staff/v1/imports/{id}", "/staff/v1/imports/{id}/parts/{part}", "/staff/v1/imports/{id}/check",
                "/staff/v1/imports/{id}/report", "/staff/v1/imports/{id}/switch",
                "/staff/v1/imports/{id}/abandon"],
    "credentials": ["/staff/v1/credentials/{id}", "/staff/v1/credentials/{id}/{change}"],
    "offers": ["/staff/v1/offers/{id}"],
    "requests": ["/ask/v1/requests/{id}", "/ask/v1/requests/{id}/evidence"],
    "addressees": ["/staff/v1/forum/addressees/{id}/removal"],
    "submissions": ["/forum/v1/submissions/{id}", "/staff/v1/forum/submissions/{id}",
                    "/staff/v1/forum/submissions/{id}/acts", "/staff/v1/forum/submissions/{id}/history",
                    "/staff/v1/forum/submissions/{id}/translations"],
}
# Circulars and calls are named by their symbols.
SYMBOLS = {
    "public_circulars": ["/forum/v1/circulars/{symbol}"],
    "circulars": ["/staff/v1/forum/circulars/{symbol}", "/staff/v1/forum/circulars/{symbol}/changes",
                  "/staff/v1/forum/circulars/{symbol}/send", "/staff/v1/forum/circulars/{symbol}/translations"],
    "public_calls": ["/forum/v1/calls/{symbol}", "/forum/v1/calls/{symbol}/counts",
                     "/forum/v1/calls/{symbol}/submissions"],
    "calls": ["/staff/v1/forum/calls/{symbol}", "/staff/v1/forum/calls/{symbol}/acts",
              "/staff/v1/forum/calls/{symbol}/changes", "/staff/v1/forum/calls/{symbol}/counts",
              "/staff/v1/forum/calls/{symbol}/history", "/staff/v1/forum/calls/{symbol}/submissions",
              "/staff/v1/forum/calls/{symbol}/translations"],
}
SECRETS = {
    "offer_tokens": ["/offers/{token}", "/offers/{token}/qr.svg"],
    "request_tokens": ["/ask/request/{token}"],
    "response_tokens": ["/ask/response/{token}"],
    "signings": ["/forum/v1/signings/{token}"],
    "waiting_tokens": ["/ask/wait/{token}", "/ask/wait/{token}/qr.svg"],
}
OTHERS = [
    ("/staff/v1/organisations/{id}/mandates", "body.person", "people"),
    ("/staff/v1/offers", "body.person", "people"),
    ("/staff/v1/offers", "body.type", "types"),
    ("/staff/v1/credentials", "query.person", "people"),
    ("/staff/v1/imports/{id}/parts/{part}", "path.part", "parts"),
    ("/staff/v1/imports/{id}/check", "body.parts", "parts"),
    ("/status/{list}", "path.list", "lists"),
    ("/ask/v1/requests", "body.transaction_data[*].type", "kinds"),
    ("/ask/v1/response-codes", "body.response_code", "response_codes"),
    ("/ask/v1/response-codes", "body.session", "sessions"),
    ("/token", "body.pre-authorized_code", "codes"),
    ("/forum/v1/calls/{symbol}/submissions", "body.form_version", "parts"),
    ("/forum/v1/calls/{symbol}/submissions", "query.after", "submissions"),
    ("/forum/v1/calls/{symbol}/submissions", "query.country", "countries"),
    ("/forum/v1/calls/{symbol}/submissions", "query.lang", "languages"),
    ("/forum/v1/calls/{symbol}/submissions", "query.question", "questions"),
    ("/forum/v1/calls", "query.after", "public_calls"),
    ("/staff/v1/forum/calls", "query.after", "calls"),
    ("/staff/v1/forum/calls/{symbol}/submissions", "query.after", "submissions"),
    ("/staff/v1/forum/addressees", "query.after", "addressees"),
    ("/staff/v1/forum/addressees", "body.addressees[*].mail", "mails"),
    ("/forum/v1/files", "query.name", "names"),
    ("/staff/v1/forum/calls/{symbol}/changes", "body.symbol", "calls"),
    ("/staff/v1/forum/circulars/{symbol}/changes", "body.symbol", "circulars"),
]
# Words that a pattern cannot say.
SAID = {
    "countries": ["KE", "FR"],
    "languages": ["en", "fr-ch"],
    "questions": ["q1", "q2"],
    "mails": ["posts@ministry.example", "a.b+c@mail.example.org"],
    "names": ["annex.txt"],
}


# Where valid data is refused with 400 all the same, since a schema cannot say what is asked for.
REFUSED = {
    "/token": "the grant must be one that was given, and not yet used",
    "/credential": "key proofs are signed, over a nonce that was given",
    "/notification": "the id must be one that came with a credential",
    "/ask/response/{token}": "an answer is signed, for this very request",
    "/ask/v1/requests": "names in a query refer to one another, and payloads are as their type says",
    "/staff/v1/offers": "each type has claims of its own",
    "/staff/v1/organisations/{id}/mandates": "the days must be in order",
    "/forum/v1/calls/{symbol}/submissions": "answers are as the call's form asks, names in a query are of its questions",
    "/staff/v1/forum/calls/{symbol}/submissions": "the page before must be of this call",
    "/forum/v1/files": "what is sent must be what its name says",
    "/staff/v1/forum/addressees/{id}/removal": "reasons may hide nothing",
    "/staff/v1/forum/addressees": "a mail address is looked at more closely than a pattern can",
    "/staff/v1/forum/circulars": "texts may hide nothing, and an original must be among them",
    "/staff/v1/forum/circulars/{symbol}/changes": "texts may hide nothing, and an original must be among them",
    "/staff/v1/forum/circulars/{symbol}/translations": "texts may hide nothing",
    "/forum/v1/calls": "the page before must end with a call",
    "/staff/v1/forum/calls": "a call opens before it closes, and its form can be answered",
    "/staff/v1/forum/calls/{symbol}/acts": "reasons may hide nothing",
    "/staff/v1/forum/calls/{symbol}/changes": "a call opens before it closes, and its form can be answered",
    "/staff/v1/forum/calls/{symbol}/translations": "texts may hide nothing",
    "/staff/v1/forum/submissions/{id}/acts": "reasons may hide nothing",
    "/staff/v1/forum/submissions/{id}/translations": "texts may hide nothing, and are of its answers",
}


def settings(party, things):
    """The settings of this run: those of the file, and what is known only now."""
    lists = {name: values for name, values in things.items() if isinstance(values, list)}
    lists |= {"types": ["pid", "participant"], "parts": [1], "lists": [1], **SAID}
    lines = [
        (HERE / "schemathesis.toml").read_text(),
        "[auth.openapi]",
        f"staff = {{ bearer = {json.dumps(TOKEN)} }}",
        f"access_token = {{ bearer = {json.dumps(things['access_token'])} }}",
        "[dictionaries]",
        *(f"{name} = {{ values = {json.dumps(values)} }}" for name, values in lists.items()),
    ]
    places = {path: [] for path in REFUSED}
    bound = [(path, "path.id", name) for name, paths in BOUND.items() for path in paths]
    secret = [(path, "path.token", name) for name, paths in SECRETS.items() for path in paths]
    symbols = [(path, "path.symbol", name) for name, paths in SYMBOLS.items() for path in paths]
    for path, parameter, name in bound + secret + symbols + OTHERS:
        places.setdefault(path, []).append((parameter, name))
    for path, bindings in places.items():
        lines += ["[[operations]]", f"include-path = {json.dumps(path)}"]
        if path in REFUSED:
            accepted = ["2xx", 400, 401, 403, 404, 409, 429, 503]
            lines.append(f"checks.positive_data_acceptance.expected-statuses = {json.dumps(accepted)}")
        lines += [
            f'parameters.{json.dumps(parameter)} = {{ dictionary = "{name}", probability = {SHARE} }}'
            for parameter, name in bindings
        ]
    return "\n".join(lines) + "\n"


class Tally:
    """What the events of schemathesis tell: how often each check was made, and what it found."""

    def __init__(self, file):
        self.cases = self.negative = self.positive = self.succeeded = 0
        self.checks, self.failed = collections.Counter(), collections.defaultdict(list)
        self.answered, self.errors = collections.defaultdict(set), []
        for line in file.open():
            ((kind, event),) = json.loads(line).items()
            if kind == "ScenarioFinished":
                self.scenario(event["recorder"])
            elif kind in ("NonFatalError", "FatalError", "Interrupted"):
                self.errors.append(json.dumps(event)[:2000])

    def scenario(self, recorder):
        for name, case in recorder.get("cases", {}).items():
            made = recorder["checks"].get(name, [])
            self.cases += 1
            meta = case["value"].get("meta") or {"generation": {"mode": "positive"}}
            negative = meta["generation"]["mode"] == "negative"
            status = ((recorder["interactions"].get(name) or {}).get("response") or {}).get("status_code", 0)
            self.negative += negative
            self.positive += not negative
            self.succeeded += not negative and 200 <= status < 300
            self.answered[f"{case['value']['method']} {case['value']['path']}"].add(status)
            for check in made:
                self.checks[check["name"]] += 1
                if check["status"] != "success":
                    self.failed[check["name"]].append(f"{recorder['label']}: {json.dumps(check)[:2000]}")

    def results(self, minimums, ended_well):
        """Each check, whether enough was tried, and whether the party came out of it as it went in."""
        share = self.succeeded / max(self.positive, 1)
        print(f"schemathesis: {self.cases} cases, {self.negative} of them of what is to be refused; "
              f"{share:.0%} of the others were answered 2xx")
        yield "enough_cases", self.cases >= minimums["cases"], f"{self.cases} cases"
        yield "enough_valid_cases", share >= minimums["share_2xx"], f"{share:.0%}"
        yield "the_party_lives", ended_well, "it ended, or did not stop when it was told to"
        yield "no_errors", not self.errors, "\n".join(self.errors)
        for name in minimums["checks"]:
            found = self.failed.pop(name, [])
            yield name, self.checks[name] > 0 and not found, "\n".join(found) or "never made"
        for name, found in self.failed.items():
            yield name, False, "\n".join(found)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--sahihi", required=True)
    arguments.add_argument("--out", required=True, help="where the results go")
    arguments.add_argument("--keep", help="a folder for what schemathesis and the party say")
    arguments = arguments.parse_args()
    examples = int(os.environ.get("SAHIHI_SOAK_OPENAPI", EXAMPLES))
    with tempfile.TemporaryDirectory(prefix="sahihi-judge-") as directory:
        directory = pathlib.Path(directory)
        keep = pathlib.Path(arguments.keep or directory).resolve()
        party = Party(arguments.sahihi, directory)
        party.start()
        try:
            (directory / "schemathesis.toml").write_text(settings(party, party.fill()))
            words = ["--config-file", directory / "schemathesis.toml", "run", party.url + "/openapi.json",
                     "--seed", SEED, "--max-examples", examples, "--no-color",
                     "--report", "ndjson", "--report-ndjson-path", keep / "events.ndjson"]
            program = pathlib.Path(sys.executable).parent / "schemathesis"
            (keep / "events.ndjson").write_text("")
            with (keep / "schemathesis.log").open("w") as log:
                subprocess.run([program, *map(str, words)], cwd=directory, stdout=log, stderr=log, check=False)
        finally:
            ended_well = party.stop()
        tally = Tally(keep / "events.ndjson")
        results = list(tally.results(json.loads((HERE / "minimums.json").read_text()), ended_well))
        if not all(ok for _, ok, _ in results):
            print((keep / "schemathesis.log").read_text()[-60_000:])
            print(party.log()[-4_000:])
    for name, ok, why in results:
        print("ok " if ok else "FAILED ", name, "" if ok else f": {why}", sep="")
    cases = [{"name": f"judge::openapi::{name}", "ok": ok} for name, ok, _ in results]
    pathlib.Path(arguments.out).write_text(json.dumps(cases, indent=1))
    sys.exit(0 if all(ok for _, ok, _ in results) else 1)


main()
