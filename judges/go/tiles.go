package main

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// Files are those of a log, by their paths.
type Files map[string][]byte

// path is where C2SP tlog-tiles has a tile: the library has the height in it.
func path(tile tlog.Tile) string {
	return "tile/" + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
}

// bundle is where the entries are that a tile of level 0 has the hashes of.
func bundle(tile tlog.Tile) string {
	return "tile/entries/" + strings.TrimPrefix(path(tile), "tile/0/")
}

// Height, ReadTiles and SaveTiles make it a tlog.TileReader.
func (f Files) Height() int { return height }

// ReadTiles reads tiles.
func (f Files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		content, ok := f[path(tile)]
		if !ok {
			return nil, fmt.Errorf("%s is missing", path(tile))
		}
		if len(content) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s has %d bytes", path(tile), len(content))
		}
		all = append(all, content)
	}
	return all, nil
}

// SaveTiles does nothing: they are there.
func (f Files) SaveTiles([]tlog.Tile, [][]byte) {}

// tilesOf lists every tile of a tree of that size, each as wide as it is (C2SP tlog-tiles, Partial Tiles).
func tilesOf(size int64) (tiles []tlog.Tile) {
	for level, hashes := 0, size; hashes > 0; level, hashes = level+1, hashes>>height {
		for n := int64(0); n<<height < hashes; n++ {
			width := hashes - n<<height
			if width > 1<<height {
				width = 1 << height
			}
			tiles = append(tiles, tlog.Tile{H: height, L: level, N: n, W: int(width)})
		}
	}
	return tiles
}

// write writes them to a folder.
func (f Files) write(folder string) error {
	for name, content := range f {
		file := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// A Tree is what a checkpoint says.
type Tree struct {
	origin string
	tlog.Tree
}

// open reads a checkpoint (C2SP tlog-checkpoint) that this key signed.
func open(text []byte, key string) (*Tree, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return nil, err
	}
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return nil, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return nil, fmt.Errorf("not the lines of a checkpoint")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != lines[1] {
		return nil, fmt.Errorf("not a size")
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return nil, err
	}
	if lines[0] != verifier.Name() {
		return nil, fmt.Errorf("of another log")
	}
	return &Tree{lines[0], tlog.Tree{N: size, Hash: root}}, nil
}

// entriesOf reads a bundle of entries.
func entriesOf(content []byte) ([][]byte, error) {
	var entries [][]byte
	for len(content) > 0 {
		if len(content) < 2 {
			return nil, fmt.Errorf("half a length")
		}
		n := int(binary.BigEndian.Uint16(content))
		if content = content[2:]; len(content) < n {
			return nil, fmt.Errorf("half an entry")
		}
		entries, content = append(entries, content[:n]), content[n:]
	}
	return entries, nil
}

// check reads a whole log by the library: every tile must be authenticated by the checkpoint, every entry by its tile.
func (f Files) check(key string) (*Tree, error) {
	tree, err := open(f["checkpoint"], key)
	if err != nil {
		return nil, err
	}
	reader := tlog.TileHashReader(tree.Tree, f)
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil || root != tree.Hash {
		return nil, fmt.Errorf("the root is %v: %v", root, err)
	}
	for _, tile := range tilesOf(tree.N) {
		// The reader authenticates each tile whose hashes it is asked for.
		var wanted []int64
		for i := 0; i < tile.W; i++ {
			wanted = append(wanted, tlog.StoredHashIndex(tile.L*height, tile.N<<height+int64(i)))
		}
		hashes, err := reader.ReadHashes(wanted)
		if err != nil {
			return nil, err
		}
		if tile.L > 0 {
			continue
		}
		entries, err := entriesOf(f[bundle(tile)])
		if err != nil || len(entries) != tile.W {
			return nil, fmt.Errorf("%s: %d entries: %v", bundle(tile), len(entries), err)
		}
		for i, entry := range entries {
			if tlog.RecordHash(entry) != hashes[i] {
				return nil, fmt.Errorf("%s: entry %d", bundle(tile), i)
			}
		}
	}
	return tree, nil
}

// A Proof is a file as C2SP tlog-proof has it.
type Proof struct {
	extra      []byte
	index      int64
	path       tlog.RecordProof
	checkpoint string
}

// parseProof reads such a file.
func parseProof(text string) (*Proof, error) {
	head, checkpoint, found := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || lines[0] != "c2sp.org/tlog-proof@v1" {
		return nil, fmt.Errorf("not a proof")
	}
	proof := &Proof{checkpoint: checkpoint}
	for _, line := range lines[1:] {
		var err error
		switch {
		case strings.HasPrefix(line, "extra "):
			proof.extra, err = base64.StdEncoding.DecodeString(line[6:])
		case strings.HasPrefix(line, "index "):
			proof.index, err = strconv.ParseInt(line[6:], 10, 64)
		default:
			var hash tlog.Hash
			hash, err = tlog.ParseHash(line)
			proof.path = append(proof.path, hash)
		}
		if err != nil {
			return nil, err
		}
	}
	return proof, nil
}

// entry is the leaf that the proof says itself to be of.
func (p *Proof) entry() ([]byte, error) {
	var extra struct{ Commitment string }
	if err := json.Unmarshal(p.extra, &extra); err != nil {
		return nil, err
	}
	return base64.RawURLEncoding.DecodeString(extra.Commitment)
}

// verify checks that an entry is in the tree that this key signed.
func (p *Proof) verify(entry []byte, key string) error {
	tree, err := open([]byte(p.checkpoint), key)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(p.path, tree.N, tree.Hash, p.index, tlog.RecordHash(entry))
}
