// The reference for Town OS's own engine: Go's text/template behind a pipe.
//
// Each line on standard input is a case, {"id", "template", "data"}; each line on standard output is the answer to it,
// {"id", "ok", "stage": null | "parse" | "exec", "output", "error"}. The answers come in the order of the cases, each as
// soon as it is known.
//
// In the data, integers that fit one are int and all other numbers float64, objects are map[string]any, and arrays are
// []any whose capacity is their length. With "sample": true the data is `sample` instead, as JSON has no structs. A
// template that is not UTF-8 comes as "template_base64". An output that is not UTF-8 has U+FFFD in "output" for what JSON
// cannot hold; "output_base64" has its bytes. The output of a template that fails is "".
// A template that gives more than `mostOutput` counts as failed. At one that takes more time or memory than it may, the
// program ends with status 3.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"text/template"
	"time"
	"unicode/utf8"
)

type question struct {
	ID             any             `json:"id"`
	Template       string          `json:"template"`
	TemplateBase64 *string         `json:"template_base64"`
	Data           json.RawMessage `json:"data"`
	Sample         bool            `json:"sample"`
}

type answer struct {
	ID           any     `json:"id"`
	OK           bool    `json:"ok"`
	Stage        *string `json:"stage"`
	Output       string  `json:"output"`
	OutputBase64 *string `json:"output_base64,omitempty"`
	Error        *string `json:"error"`
}

// Sample is a struct whose fields are fixed.
type Sample struct {
	Name   string
	Count  int
	Ratio  float64
	Ready  bool
	Inner  Inner
	List   []any
	Map    map[string]any
	Any    any
	Absent any
}

// Inner is a struct within a struct.
type Inner struct {
	Text string
}

var sample = Sample{
	Name:  "web",
	Count: 3,
	Ratio: 0.5,
	Ready: true,
	Inner: Inner{"inside"},
	List:  []any{1, "two", nil},
	Map:   map[string]any{"b": 2, "a": nil},
	Any:   Inner{"boxed"},
}

const (
	mostOutput = 64 << 20
	mostMemory = 1 << 30
	mostTime   = 10 * time.Second
)

// started is when the template at hand was begun, in nanoseconds.
var started atomic.Int64

var errTooMuch = errors.New("more output than the reference holds")

// limited gathers output up to `mostOutput`.
type limited struct {
	strings.Builder
}

func (l *limited) Write(text []byte) (int, error) {
	if l.Len()+len(text) > mostOutput {
		return 0, errTooMuch
	}
	return l.Builder.Write(text)
}

// watch ends the program at a template that takes too much.
func watch() {
	for range time.Tick(50 * time.Millisecond) {
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		if memory.HeapAlloc > mostMemory || time.Since(time.Unix(0, started.Load())) > mostTime {
			os.Exit(3)
		}
	}
}

func main() {
	started.Store(time.Now().UnixNano())
	go watch()
	lines := bufio.NewReader(os.Stdin)
	answers := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(answers)
	encoder.SetEscapeHTML(false)
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			started.Store(time.Now().UnixNano())
			if err := encoder.Encode(answered(line)); err != nil {
				log.Fatal(err)
			}
			started.Store(time.Now().UnixNano())
			answers.Flush()
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			log.Fatal(err)
		}
	}
}

func answered(line []byte) answer {
	var asked question
	if err := decode(line, &asked); err != nil {
		log.Fatalf("no question: %v", err)
	}
	if asked.TemplateBase64 != nil {
		text, err := base64.StdEncoding.DecodeString(*asked.TemplateBase64)
		if err != nil {
			log.Fatalf("no base64: %v", err)
		}
		asked.Template = string(text)
	}
	output, stage, err := run(asked)
	result := answer{ID: asked.ID, OK: err == nil}
	if err != nil {
		text := err.Error()
		result.Stage, result.Error = &stage, &text
		return result
	}
	result.Output = output
	if !utf8.ValidString(output) {
		encoded := base64.StdEncoding.EncodeToString([]byte(output))
		result.OutputBase64 = &encoded
	}
	return result
}

func run(asked question) (output, stage string, err error) {
	parsed, err := template.New("t").Parse(asked.Template)
	if err != nil {
		return "", "parse", err
	}
	var data any = sample
	if !asked.Sample {
		data = nil
		if len(asked.Data) > 0 {
			if err := decode(asked.Data, &data); err != nil {
				log.Fatalf("no data: %v", err)
			}
			data = typed(data)
		}
	}
	var written limited
	if err := parsed.Execute(&written, data); err != nil {
		return "", "exec", err
	}
	return written.String(), "", nil
}

// decode reads JSON and leaves its numbers as they are written.
func decode(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return decoder.Decode(into)
}

// typed gives numbers their types and arrays no room to grow.
func typed(value any) any {
	switch value := value.(type) {
	case json.Number:
		if !strings.ContainsAny(value.String(), ".eE") {
			if integer, err := value.Int64(); err == nil {
				return int(integer)
			}
		}
		float, err := value.Float64()
		if err != nil {
			log.Fatalf("no number: %v", err)
		}
		return float
	case []any:
		elements := make([]any, len(value))
		for i, element := range value {
			elements[i] = typed(element)
		}
		return elements
	case map[string]any:
		for key, entry := range value {
			value[key] = typed(entry)
		}
	}
	return value
}
