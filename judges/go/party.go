package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const token = "token of the judge"

// A Program is the one that is judged, with a folder of its own.
type Program struct {
	path, folder string
}

// run runs a command; what it says to standard output, or, as an error, to standard error.
func (p *Program) run(words ...string) (string, error) {
	command := exec.Command(p.path, words...)
	var out, said bytes.Buffer
	command.Stdout, command.Stderr = &out, &said
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(words, " "), err, said.String())
	}
	return out.String(), nil
}

// hasCode says whether a command was refused with this code.
func hasCode(err error, code string) bool {
	return strings.Contains(err.Error(), "("+code+")")
}

// A Party is a state, as a process.
type Party struct {
	program  *Program
	url      string
	config   string
	serving  *exec.Cmd
	register int
}

// start makes a state and waits until it answers.
func (p *Program) start() (*Party, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := listener.Addr().String()
	listener.Close()
	_, port, _ := net.SplitHostPort(address)
	party := &Party{program: p, url: "http://localhost:" + port, config: filepath.Join(p.folder, "config.toml")}
	digest := sha256.Sum256([]byte(token))
	config := fmt.Sprintf(`
name = { ar = "Judged", zh = "Judged", en = "Judged", fr = "Judged", ru = "Judged", es = "Judged" }
organisation = "Judged"
country = "XZ"
identifier = "%s"
listen = "%s"
database = "sqlite:state.sqlite"
keys = "keys"
insecure_loopback = true
[[staff]]
name = "judge"
sha256 = "%s"
[issue]
`, party.url, address, hex.EncodeToString(digest[:]))
	if err := os.WriteFile(party.config, []byte(config), 0o644); err != nil {
		return nil, err
	}
	for _, words := range [][]string{{"keys", "init"}, {"migrate"}} {
		if _, err := p.run(append(words, "--config", party.config)...); err != nil {
			return nil, err
		}
	}
	log, err := os.Create(filepath.Join(p.folder, "serve.log"))
	if err != nil {
		return nil, err
	}
	party.serving = exec.Command(p.path, "serve", "--config", party.config)
	party.serving.Env = append(os.Environ(), "SAHIHI_LOG=warn")
	party.serving.Stdout, party.serving.Stderr = log, log
	return party, party.serving.Start()
}

func (p *Party) stop() {
	_ = p.serving.Process.Signal(os.Interrupt)
	_ = p.serving.Wait()
}

// get fetches a file of the log.
func (p *Party) get(path string) ([]byte, http.Header, error) {
	response, err := http.Get(p.url + "/log/" + path)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, response.Status)
	}
	return body, response.Header, err
}

// registers registers so many people, each of which is a leaf.
func (p *Party) registers(people int) error {
	for ; people > 0; people-- {
		p.register++
		body, _ := json.Marshal(map[string]any{"attributes": map[string]any{
			"family_name": "Judged", "given_name": fmt.Sprint("Number ", p.register), "birthdate": "1980-01-01",
			"nationalities": []string{"XZ"}, "place_of_birth": map[string]string{"country": "XZ"},
		}})
		request, err := http.NewRequest("POST", p.url+"/staff/v1/people", bytes.NewReader(body))
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", "Bearer "+token)
		request.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		said, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != http.StatusCreated {
			return fmt.Errorf("register: %s: %s", response.Status, said)
		}
	}
	return nil
}

// until tries again and again, for a minute at most.
func until(what string, try func() error) error {
	var err error
	for begun := time.Now(); time.Since(begun) < time.Minute; time.Sleep(50 * time.Millisecond) {
		if err = try(); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%s: %w", what, err)
}
