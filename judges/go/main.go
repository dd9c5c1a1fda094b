// The judge of the log: Go's golang.org/x/mod/sumdb/tlog and note, which hold Go's own checksum database.
//
// They read what ours publishes (ours.go), and ours reads what they make (theirs.go). cases.go counts, party.go runs the
// program that is judged, tiles.go speaks C2SP's paths to the library, which has older ones.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	sahihi := flag.String("sahihi", "target/debug/sahihi", "the program that is judged")
	out := flag.String("out", "", "where the results go, JSON")
	minimum := flag.Int("minimum", 0, "fewer cases than this are a failure")
	flag.Parse()
	cases := &Cases{}
	if err := judge(*sahihi, cases); err != nil {
		fmt.Fprintln(os.Stderr, "the judge itself failed:", err)
		os.Exit(2)
	}
	if *out != "" {
		if err := cases.write(*out); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	failed := cases.failed()
	fmt.Printf("%d cases, %d failed, %d mutations refused\n", len(cases.results), failed, cases.mutations)
	if failed > 0 || len(cases.results) < *minimum {
		fmt.Fprintf(os.Stderr, "at least %d cases must pass\n", *minimum)
		os.Exit(1)
	}
}

func judge(sahihi string, cases *Cases) error {
	folder, err := os.MkdirTemp("", "sahihi-judge-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	program := &Program{path: sahihi, folder: folder}
	if err := ours(program, cases); err != nil {
		return err
	}
	return theirs(program, cases)
}
