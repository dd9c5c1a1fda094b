package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const origin = "judge.example/log"

// A Log is one that the libraries make.
type Log struct {
	signer note.Signer
	key    string
	hashes []tlog.Hash
	leaves [][]byte
}

// ReadHashes makes it a tlog.HashReader.
func (l *Log) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var all []tlog.Hash
	for _, index := range indexes {
		if index >= int64(len(l.hashes)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		all = append(all, l.hashes[index])
	}
	return all, nil
}

func newLog() (*Log, error) {
	secret, key, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return nil, err
	}
	signer, err := note.NewSigner(secret)
	return &Log{signer: signer, key: key}, err
}

// of is a log with the same key and these leaves.
func (l *Log) of(size int, changed map[int]byte) (*Log, error) {
	made := &Log{signer: l.signer, key: l.key}
	for n := 0; n < size; n++ {
		leaf := sha256.Sum256([]byte{byte(n), byte(n >> 8), changed[n]})
		made.leaves = append(made.leaves, leaf[:])
		stored, err := tlog.StoredHashes(int64(n), leaf[:], made)
		if err != nil {
			return nil, err
		}
		made.hashes = append(made.hashes, stored...)
	}
	return made, nil
}

func (l *Log) checkpoint() ([]byte, error) {
	root, err := tlog.TreeHash(int64(len(l.leaves)), l)
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("%s\n%d\n%s\n", origin, len(l.leaves), root)
	return note.Sign(&note.Note{Text: text}, l.signer)
}

func (l *Log) files() (Files, error) {
	checkpoint, err := l.checkpoint()
	if err != nil {
		return nil, err
	}
	files := Files{"checkpoint": checkpoint}
	for _, tile := range tilesOf(int64(len(l.leaves))) {
		content, err := tlog.ReadTileData(tile, l)
		if err != nil {
			return nil, err
		}
		files[path(tile)] = content
		if tile.L == 0 {
			var entries []byte
			for _, leaf := range l.leaves[tile.N<<height : tile.N<<height+int64(tile.W)] {
				entries = append(append(entries, 0, byte(len(leaf))), leaf...)
			}
			files[bundle(tile)] = entries
		}
	}
	return files, nil
}

// proof is a file for a leaf.
func (l *Log) proof(index int) (string, error) {
	checkpoint, err := l.checkpoint()
	if err != nil {
		return "", err
	}
	hashes, err := tlog.ProveRecord(int64(len(l.leaves)), int64(index), l)
	if err != nil {
		return "", err
	}
	extra, _ := json.Marshal(map[string]string{"commitment": base64.RawURLEncoding.EncodeToString(l.leaves[index])})
	text := fmt.Sprintf("c2sp.org/tlog-proof@v1\nextra %s\nindex %d\n", base64.StdEncoding.EncodeToString(extra), index)
	for _, hash := range hashes {
		text += hash.String() + "\n"
	}
	return text + "\n" + string(checkpoint), nil
}

// theirs has ours read what the libraries make.
func theirs(program *Program, cases *Cases) error {
	base, err := newLog()
	if err != nil {
		return err
	}
	folder := filepath.Join(program.folder, "theirs")
	write := func(log *Log, spoil func(Files)) error {
		files, err := log.files()
		if err != nil {
			return err
		}
		if spoil != nil {
			spoil(files)
		}
		if err := os.RemoveAll(folder); err != nil {
			return err
		}
		return files.write(folder)
	}
	verify := func() error {
		_, err := program.run("log", "verify", folder, "--key", base.key)
		return err
	}
	for _, size := range []int{1, 2, 3, 255, 256, 257, 511, 512, 513, 700} {
		log, err := base.of(size, nil)
		if err != nil {
			return err
		}
		if err := write(log, nil); err != nil {
			return err
		}
		cases.is(fmt.Sprintf("theirs_of_%d", size), verify())
	}
	whole, err := base.of(600, nil)
	if err != nil {
		return err
	}
	flip := func(name string, at int) func(Files) {
		return func(files Files) { files[name][at] ^= 1 }
	}
	for _, spoiled := range []struct {
		name, code string
		spoil      func(Files)
	}{
		{"a_leaf", "leaf_hash", flip("tile/entries/001", 40)},
		{"a_length", "tile_length", flip("tile/entries/001", 1)},
		{"a_hash", "tile_hash", flip("tile/0/000", 77)},
		{"a_hash_above", "tile_hash", flip("tile/1/000.p/2", 3)},
		{"a_tile_missing", "tile_missing", func(files Files) { delete(files, "tile/1/000.p/2") }},
		{"a_tile_cut", "tile_length", func(files Files) { files["tile/0/001"] = files["tile/0/001"][:8191] }},
		{"a_root", "log_signature", flip("checkpoint", len(origin)+8)},
		{"a_signature", "log_signature", func(files Files) {
			c := files["checkpoint"]
			if at := len(c) - 9; c[at] == 'A' {
				c[at] = 'B'
			} else {
				c[at] = 'A'
			}
		}},
	} {
		if err := write(whole, spoiled.spoil); err != nil {
			return err
		}
		cases.refused("theirs_with_"+spoiled.name, spoiled.code, verify())
	}
	other, err := newLog()
	if err != nil {
		return err
	}
	if err := write(whole, nil); err != nil {
		return err
	}
	_, err = program.run("log", "verify", folder, "--key", other.key)
	cases.refused("theirs_by_another_key", "key_unknown", err)
	return theirsFollowed(program, cases, base, write, folder)
}

func theirsFollowed(program *Program, cases *Cases, base *Log, write func(*Log, func(Files)) error, folder string) error {
	state := filepath.Join(program.folder, "seen.json")
	audit := func() error {
		_, err := program.run("log", "audit", folder, "--state", state, "--key", base.key)
		return err
	}
	show := func(size int, changed map[int]byte) error {
		log, err := base.of(size, changed)
		if err != nil {
			return err
		}
		return write(log, nil)
	}
	for _, size := range []int{1, 200, 256, 300, 300, 600} {
		if err := show(size, nil); err != nil {
			return err
		}
		cases.is(fmt.Sprintf("theirs_followed_to_%d", size), audit())
	}
	for _, spoiled := range []struct {
		name, code string
		size       int
		changed    map[int]byte
	}{
		{"cut_short", "log_shrunk", 599, nil},
		{"rewritten", "log_rewritten", 700, map[int]byte{17: 1}},
		{"forked", "log_rewritten", 600, map[int]byte{599: 1}},
	} {
		if err := show(spoiled.size, spoiled.changed); err != nil {
			return err
		}
		cases.refused("theirs_"+spoiled.name, spoiled.code, audit())
	}
	if err := show(601, nil); err != nil {
		return err
	}
	cases.is("theirs_followed_after_all", audit())
	log, err := base.of(601, nil)
	if err != nil {
		return err
	}
	file := filepath.Join(program.folder, "their.tlog-proof")
	for _, index := range []int{0, 1, 255, 256, 600} {
		proof, err := log.proof(index)
		if err != nil {
			return err
		}
		for _, spoiled := range []bool{false, true} {
			text := []byte(proof)
			if spoiled {
				text[len("c2sp.org/tlog-proof@v1\nextra ")+30] ^= 2
			}
			if err := os.WriteFile(file, text, 0o644); err != nil {
				return err
			}
			_, err := program.run("log", "proof", file, "--key", base.key)
			if spoiled {
				cases.refused(fmt.Sprintf("their_proof_of_%d_spoiled", index), "", err)
			} else {
				cases.is(fmt.Sprintf("their_proof_of_%d", index), err)
			}
		}
	}
	return nil
}
