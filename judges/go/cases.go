package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// A Result is one case that was tried.
type Result struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
}

// Cases are those that were tried so far.
type Cases struct {
	results   []Result
	mutations int
}

// is notes a case that passes without an error.
func (c *Cases) is(name string, err error) {
	c.results = append(c.results, Result{"judge::log::" + name, err == nil})
	if err != nil {
		fmt.Println("FAILED", name, err)
	}
}

// refused notes a case that passes when something was refused; with a code, only when it was refused for that.
func (c *Cases) refused(name, code string, err error) {
	switch {
	case err == nil:
		c.is(name, fmt.Errorf("was accepted"))
	case code != "" && !hasCode(err, code):
		c.is(name, fmt.Errorf("was refused, but not with %s: %v", code, err))
	default:
		c.is(name, nil)
	}
}

func (c *Cases) failed() (n int) {
	for _, result := range c.results {
		if !result.OK {
			n++
		}
	}
	return n
}

func (c *Cases) write(file string) error {
	text, err := json.MarshalIndent(c.results, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}
