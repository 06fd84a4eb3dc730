// Command tlogcheck does with golang.org/x/mod/sumdb what the log and its auditors do.
//
//	tlogcheck keygen <name>   prints a new signer key and its verifier key, a line each
//	tlogcheck sign <key>      prints the text on standard input as a note signed with the key
//	tlogcheck check           reads a stream of claims (JSON), prints a verdict (JSON) on each
package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A claim says that the log whose checkpoint this is has these records and these beginnings.
type claim struct {
	Key        string `json:"key"`        // verifier key of the log
	Checkpoint string `json:"checkpoint"` // signed note
	Records    []struct {
		Index int64            `json:"index"`
		Data  []byte           `json:"data"`
		Proof tlog.RecordProof `json:"proof"`
	} `json:"records"`
	Beginnings []struct {
		Checkpoint string         `json:"checkpoint"` // signed note of the earlier tree
		Proof      tlog.TreeProof `json:"proof"`
	} `json:"beginnings"`
}

// A verdict has a reason for each part of a claim, empty where the part holds.
type verdict struct {
	Checkpoint string   `json:"checkpoint"`
	Records    []string `json:"records"`
	Beginnings []string `json:"beginnings"`
}

func main() {
	log.SetFlags(0)
	if err := run(os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "keygen":
		skey, vkey, err := note.GenerateKey(rand.Reader, args[1])
		if err != nil {
			return err
		}
		fmt.Println(skey)
		fmt.Println(vkey)
		return nil
	case len(args) == 2 && args[0] == "sign":
		return sign(args[1])
	case len(args) == 1 && args[0] == "check":
		return check()
	}
	return errors.New("usage: tlogcheck keygen <name> | sign <key> | check")
}

func sign(key string) error {
	signer, err := note.NewSigner(key)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	signed, err := note.Sign(&note.Note{Text: string(text)}, signer)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(signed)
	return err
}

func check() error {
	claims, verdicts := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var c claim
		if err := claims.Decode(&c); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := verdicts.Encode(judge(c)); err != nil {
			return err
		}
	}
}

func judge(c claim) verdict {
	tree, err := open(c.Checkpoint, c.Key)
	v := verdict{Checkpoint: reason(err)}
	if err != nil {
		return v
	}
	for _, r := range c.Records {
		err := tlog.CheckRecord(r.Proof, tree.N, tree.Hash, r.Index, tlog.RecordHash(r.Data))
		v.Records = append(v.Records, reason(err))
	}
	for _, b := range c.Beginnings {
		old, err := open(b.Checkpoint, c.Key)
		if err == nil {
			err = tlog.CheckTree(b.Proof, tree.N, tree.Hash, old.N, old.Hash)
		}
		v.Beginnings = append(v.Beginnings, reason(err))
	}
	return v
}

// open reads the size and the root of a signed checkpoint (c2sp.org/tlog-checkpoint).
func open(signed, key string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return tlog.Tree{}, err
	}
	n, err := note.Open([]byte(signed), note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 {
		return tlog.Tree{}, errors.New("malformed checkpoint")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

func reason(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
