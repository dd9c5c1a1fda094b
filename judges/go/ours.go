package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Sizes at which tiles fill, and between.
var sizes = []int64{5, 255, 256, 257, 300}

// ours has the libraries read what ours publishes.
func ours(program *Program, cases *Cases) error {
	party, err := program.start()
	if err != nil {
		return err
	}
	defer party.stop()
	var key string
	if err := until("the log's key", func() error {
		text, _, err := party.get("key")
		key = strings.TrimSpace(string(text))
		return err
	}); err != nil {
		return err
	}
	var last *Tree
	var files Files
	for _, size := range sizes {
		tree, fetched, err := party.grow(size, key)
		if err != nil {
			return err
		}
		files = fetched
		checked, err := files.check(key)
		cases.is(fmt.Sprintf("a_tree_of_%d_and_every_entry", size), err)
		if err != nil {
			continue
		}
		reader := tlog.TileHashReader(checked.Tree, files)
		cases.is(fmt.Sprintf("every_inclusion_in_%d", size), inclusions(tree, reader, files))
		if last != nil {
			proof, err := tlog.ProveTree(tree.N, last.N, reader)
			if err == nil {
				err = tlog.CheckTree(proof, tree.N, tree.Hash, last.N, last.Hash)
			}
			cases.is(fmt.Sprintf("%d_continues_%d", tree.N, last.N), err)
		}
		last = tree
		folder := filepath.Join(program.folder, fmt.Sprint("ours-", size))
		if err := files.write(folder); err != nil {
			return err
		}
		_, err = program.run("log", "verify", folder, "--key", key)
		cases.is(fmt.Sprintf("ours_agrees_about_%d", size), err)
	}
	_, err = program.run("log", "verify", party.url, "--key", key)
	cases.is("ours_agrees_over_http", err)
	headers(party, cases)
	if err := proofs(party, key, cases); err != nil {
		return err
	}
	return mutations(program, files, key, cases)
}

// grow registers people until the log has so many leaves, and fetches all of it.
func (p *Party) grow(size int64, key string) (*Tree, Files, error) {
	var tree *Tree
	text, _, err := p.get("checkpoint")
	if err == nil {
		tree, err = open(text, key)
	}
	// The keys that begin to sign are leaves of their own, which may come a moment later.
	if err == nil && tree.N < 3 {
		err = until("the leaves of the keys", func() error { return p.reached(3, key, &tree, &text) })
	}
	if err != nil {
		return nil, nil, err
	}
	if err := p.registers(int(size - tree.N)); err != nil {
		return nil, nil, err
	}
	if err := until("every leaf", func() error { return p.reached(size, key, &tree, &text) }); err != nil {
		return nil, nil, err
	}
	files := Files{"checkpoint": text}
	for _, tile := range tilesOf(size) {
		names := []string{path(tile)}
		if tile.L == 0 {
			names = append(names, bundle(tile))
		}
		for _, name := range names {
			if files[name], _, err = p.get(name); err != nil {
				return nil, nil, err
			}
		}
	}
	return tree, files, nil
}

func (p *Party) reached(size int64, key string, tree **Tree, text *[]byte) error {
	got, _, err := p.get("checkpoint")
	if err != nil {
		return err
	}
	opened, err := open(got, key)
	if err != nil {
		return err
	}
	*tree, *text = opened, got
	if opened.N != size {
		return fmt.Errorf("%d leaves", opened.N)
	}
	return nil
}

// inclusions proves every record by the library, and that no proof is good for the record beside it.
func inclusions(tree *Tree, reader tlog.HashReader, files Files) error {
	var all [][]byte
	for _, tile := range tilesOf(tree.N) {
		if tile.L == 0 {
			entries, err := entriesOf(files[bundle(tile)])
			if err != nil {
				return err
			}
			all = append(all, entries...)
		}
	}
	for n := int64(0); n < tree.N; n++ {
		proof, err := tlog.ProveRecord(tree.N, n, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, n, tlog.RecordHash(all[n])); err != nil {
			return err
		}
		if beside := (n + 1) % tree.N; tlog.CheckRecord(proof, tree.N, tree.Hash, n, tlog.RecordHash(all[beside])) == nil {
			return fmt.Errorf("record %d passes for %d", beside, n)
		}
	}
	return nil
}

// headers looks at what tlog-tiles says of them, and at paths that are none.
func headers(party *Party, cases *Cases) {
	for name, expected := range map[string][2]string{
		"checkpoint":           {"text/plain; charset=utf-8", "max-age=1"},
		"tile/0/000":           {"application/octet-stream", "immutable"},
		"tile/0/001.p/44":      {"application/octet-stream", "immutable"},
		"tile/entries/000":     {"application/octet-stream", "immutable"},
		"tile/entries/001.p/1": {"application/octet-stream", "immutable"},
		"tile/0/000.p/255":     {"application/octet-stream", "immutable"},
		"tile/1/000.p/1":       {"application/octet-stream", "immutable"},
		"key":                  {"text/plain; charset=utf-8", "max-age=1"},
	} {
		_, header, err := party.get(name)
		if err == nil && header.Get("Content-Type") != expected[0] {
			err = fmt.Errorf("content type %q", header.Get("Content-Type"))
		}
		if err == nil && !strings.Contains(header.Get("Cache-Control"), expected[1]) {
			err = fmt.Errorf("cache control %q", header.Get("Cache-Control"))
		}
		cases.is("headers_of_"+name, err)
	}
	for _, name := range []string{
		"tile/0/001", "tile/0/001.p/45", "tile/1/000", "tile/2/000.p/1", "tile/0/002.p/1", "tile/0/0", "tile/00/000",
		"tile/64/000", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/x000/000", "tile/8/0/000", "tile/data/000",
		"tile/entries/001", "tile/-1/000", "receipts/lef_0123456789abcdef", "receipts/1",
	} {
		_, _, err := party.get(name)
		if err != nil && !strings.Contains(err.Error(), "404") {
			err = nil
		}
		cases.refused("nothing_at_"+name, "", err)
	}
}

// proofs has the library check the proofs that ours hands out, and ours its own again.
func proofs(party *Party, key string, cases *Cases) error {
	text, err := party.program.run("log", "list", "--config", party.config)
	if err != nil {
		return err
	}
	var leaves []struct {
		Leaf  string
		Index int64
		Kind  string
	}
	if err := json.Unmarshal([]byte(text), &leaves); err != nil {
		return err
	}
	if int64(len(leaves)) != sizes[len(sizes)-1] {
		return fmt.Errorf("%d leaves are listed", len(leaves))
	}
	kinds := map[string]int{}
	for _, leaf := range leaves {
		kinds[leaf.Kind]++
		if leaf.Index%50 != 0 && leaf.Index != 255 && leaf.Index != 299 {
			continue
		}
		text, _, err := party.get("receipts/" + leaf.Leaf)
		if err != nil {
			return err
		}
		proof, err := parseProof(string(text))
		if err != nil {
			return err
		}
		entry, err := proof.entry()
		if err == nil && proof.index != leaf.Index {
			err = fmt.Errorf("index %d", proof.index)
		}
		if err == nil {
			err = proof.verify(entry, key)
		}
		cases.is(fmt.Sprintf("proof_of_%d", leaf.Index), err)
		entry[0] ^= 1
		cases.refused(fmt.Sprintf("proof_of_%d_for_another", leaf.Index), "", proof.verify(entry, key))
		cases.is(fmt.Sprintf("no_byte_of_the_proof_of_%d", leaf.Index), everyByte(text, key, cases))
		file := filepath.Join(party.program.folder, "one.tlog-proof")
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return err
		}
		_, err = party.program.run("log", "proof", file, "--key", key)
		cases.is(fmt.Sprintf("ours_agrees_about_proof_of_%d", leaf.Index), err)
	}
	if kinds["key_change"] != 3 || kinds["register_change"] != 297 {
		cases.is("every_act_is_a_leaf", fmt.Errorf("%v", kinds))
	} else {
		cases.is("every_act_is_a_leaf", nil)
	}
	return nil
}

// everyByte changes byte after byte of a proof: the library must refuse each.
func everyByte(text []byte, key string, cases *Cases) error {
	_, checkpoint, _ := bytes.Cut(text, []byte("\n\n"))
	begins := len(text) - len(checkpoint)
	for at := range text {
		if at >= begins && inCosignature(checkpoint, at-begins) {
			continue
		}
		changed := append([]byte(nil), text...)
		changed[at] ^= 0x20
		cases.mutations++
		proof, err := parseProof(string(changed))
		if err != nil {
			continue
		}
		if entry, err := proof.entry(); err == nil && proof.verify(entry, key) == nil {
			return fmt.Errorf("byte %d", at)
		}
	}
	return nil
}

// mutations changes byte after byte: the library must refuse each, and ours some hundred of them, a process each. That ours
// refuses every one is a test of the crate log.
func mutations(program *Program, files Files, key string, cases *Cases) error {
	folder := filepath.Join(program.folder, "mutated")
	for name, content := range files {
		var byLibrary, byOurs error
		step := 2440
		if name == "checkpoint" {
			step = 40
		}
		for at := range content {
			changed := Files{}
			for other, content := range files {
				changed[other] = content
			}
			changed[name] = append([]byte(nil), content...)
			changed[name][at] ^= 0x20
			_, err := changed.check(key)
			if err == nil && !(name == "checkpoint" && inCosignature(content, at)) {
				byLibrary = fmt.Errorf("byte %d", at)
			}
			cases.mutations++
			if at%step != 0 {
				continue
			}
			if err := changed.write(folder); err != nil {
				return err
			}
			if _, err := program.run("log", "verify", folder, "--key", key); err == nil && !(name == "checkpoint" && inCosignature(content, at)) {
				byOurs = fmt.Errorf("byte %d", at)
			}
		}
		cases.is("no_byte_of_"+name+"_by_the_library", byLibrary)
		cases.is("no_byte_of_"+name+"_by_ours", byOurs)
	}
	return os.RemoveAll(folder)
}

// inCosignature says whether a byte is in the second line of signatures, which is that of a kind that the library does
// not know and ignores, as it must (C2SP signed-note).
func inCosignature(checkpoint []byte, at int) bool {
	lines := strings.Split(string(checkpoint), "\n")
	return len(lines) == 7 && at >= len(checkpoint)-len(lines[5])-1
}
