## What an export says of itself (README.txt)

export-readme-heading = What was submitted
export-readme-what = This folder holds a whole call: the circular, the call, each version of its form, every submission that was published with its original, its signature and its attachments, and of the others that they came and what became of them.
export-readme-check = Anybody can check it without a network, and without asking the forum:
export-readme-sums = Whether every file is as it is listed:
export-readme-key = The log's key is in log/key. Compare it with what the forum shows at /log/key, or with what others have noted: who made this folder could have written another one there.
export-readme-proves = If all is right: each submission was received under the number and at the time given here; what was signed was signed by whoever held the key of the credential shown, for exactly this text; the counts are those of the publication, and nothing was left out since; the call, the circular and the forms are those of the publication.
export-readme-not = Not proven: who held the wallet in their hand; that what an issuer states is true; who wrote what came unsigned or on paper; that this text is the one which the forum shows today.
export-readme-people = What stands here of people, they agreed to when they took part. Use it for what the call is about.
