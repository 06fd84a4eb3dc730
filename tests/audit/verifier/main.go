// Command verifyexport checks an export with golang.org/x/mod/sumdb and no code of the service.
//
//	verifyexport <export> <verifier key>
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// The entry that the tree hashes has these fields; of input and result it has the digests.
var fields = strings.Fields("bundles decision_id format gate input labels metrics path requested_by result timestamp trace_id")

type manifest struct {
	Header     string `json:"header"`
	Checkpoint struct {
		Size int64
		Root string
	} `json:"checkpoint"`
	Filter     map[string]string `json:"filter"`
	FromIndex  int64             `json:"from_index"`
	Count      int               `json:"count"`
	Gates      map[string]int    `json:"gates"`
	BlockLines int               `json:"block_lines"`
	Blocks     []string          `json:"blocks"`
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: verifyexport <export> <verifier key>")
		os.Exit(2)
	}
	count, err := verify(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("verified", count)
}

func verify(path, key string) (int, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return 0, err
	}
	lines := bytes.SplitAfter(content, []byte("\n"))
	if len(lines) < 3 || len(lines[len(lines)-1]) > 0 {
		return 0, errors.New("the file has no whole header and manifest")
	}
	header, records, last := lines[0], lines[1:len(lines)-2], lines[len(lines)-2]
	m, err := openManifest(last, verifier)
	if err != nil {
		return 0, fmt.Errorf("manifest: %w", err)
	}
	if m.Header != digest(header) {
		return 0, errors.New("line 1: not the header that was signed")
	}
	tree, err := openCheckpoint(header, verifier)
	if err != nil {
		return 0, fmt.Errorf("line 1: %w", err)
	}
	if tree.N != m.Checkpoint.Size || tree.Hash.String() != m.Checkpoint.Root {
		return 0, errors.New("the manifest is for another checkpoint")
	}
	gates, next := map[string]int{}, m.FromIndex
	for number, line := range records {
		index, gate, err := checkRecord(line, tree)
		if err == nil && (index < next || len(m.Filter) == 0 && index > next) {
			err = fmt.Errorf("index %d where %d is due", index, next)
		}
		if err != nil {
			return 0, fmt.Errorf("line %d: %w", number+2, err)
		}
		gates[gate]++
		next = index + 1
	}
	var blocks []string
	for block := range slices.Chunk(records, m.BlockLines) {
		blocks = append(blocks, digest(bytes.Join(block, nil)))
	}
	if len(records) != m.Count || !maps.Equal(gates, m.Gates) || !slices.Equal(blocks, m.Blocks) {
		return 0, errors.New("the records are not those that were signed")
	}
	return m.Count, nil
}

// openManifest refuses what Go lets pass: base64 and JSON have other spellings of the same.
func openManifest(line []byte, verifier note.Verifier) (m manifest, err error) {
	var outer struct {
		Manifest string `json:"manifest"`
	}
	if err := json.Unmarshal(line, &outer); err != nil {
		return m, err
	}
	var spelled bytes.Buffer
	encoder := json.NewEncoder(&spelled)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(outer); err != nil || !bytes.Equal(spelled.Bytes(), line) {
		return m, errors.New("another spelling")
	}
	opened, err := note.Open([]byte(outer.Manifest), note.VerifierList(verifier))
	if err != nil {
		return m, err
	}
	if _, err := base64.StdEncoding.Strict().DecodeString(opened.Sigs[0].Base64); err != nil {
		return m, err
	}
	title, text, _ := strings.Cut(opened.Text, "\n")
	if title != verifier.Name()+"/export" || len(opened.Sigs) != 1 || len(opened.UnverifiedSigs) > 0 {
		return m, errors.New("no manifest of this log, or signed by others too")
	}
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return m, err
	}
	if m.BlockLines < 1 {
		return m, errors.New("blocks without lines")
	}
	return m, nil
}

func openCheckpoint(header []byte, verifier note.Verifier) (tree tlog.Tree, err error) {
	var h struct {
		Checkpoint string `json:"checkpoint"`
	}
	if err := json.Unmarshal(header, &h); err != nil {
		return tree, err
	}
	opened, err := note.Open([]byte(h.Checkpoint), note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tree, errors.New("no checkpoint of this log")
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// checkRecord rebuilds the entry of a line from its exact bytes and checks that the tree has it.
func checkRecord(line []byte, tree tlog.Tree) (index int64, gate string, err error) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(line, &raw); err != nil {
		return 0, "", err
	}
	entry := []byte("{")
	for number, name := range fields {
		value := []byte(raw[name])
		if name == "input" || name == "result" {
			value = fmt.Appendf(nil, `"sha256:%s"`, digest(value))
		}
		if number > 0 {
			entry = append(entry, ',')
		}
		entry = fmt.Appendf(entry, "%q:%s", name, value)
	}
	entry = append(entry, '}')
	var proof tlog.RecordProof
	err = errors.Join(
		json.Unmarshal(raw["index"], &index),
		json.Unmarshal(raw["gate"], &gate),
		json.Unmarshal(raw["proof"], &proof),
	)
	if err != nil {
		return 0, "", err
	}
	return index, gate, tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
