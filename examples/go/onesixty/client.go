// Package onesixty has one function for all calls of the API, and the Problem it returns.
package onesixty

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"
)

// Problem is a refused request. Use Code in programs; Retryable says whether the same request can succeed later.
type Problem struct {
	Code       string `json:"code"`
	Detail     string `json:"detail"`
	Retryable  bool   `json:"retryable"`
	RetryAfter *time.Duration
}

func (p *Problem) Error() string { return fmt.Sprintf("%s: %s", p.Code, p.Detail) }

// Message has the fields of a response that the examples use.
type Message struct {
	ID        string `json:"id"`
	Status    string `json:"status"`
	To        string `json:"to"`
	CreatedAt string `json:"created_at"`
}

var client = http.Client{Timeout: 30 * time.Second}

// Call decodes the response into result. The error is a *Problem, or another error if there is no response.
func Call(method, path string, body any, idempotencyKey string, result any) error {
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			return err
		}
	}
	url := os.Getenv("ONESIXTY_URL")
	if url == "" {
		url = "http://127.0.0.1:8160"
	}
	request, err := http.NewRequest(method, url+path, &content)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("ONESIXTY_KEY"))
	request.Header.Set("Content-Type", "application/json")
	if idempotencyKey != "" {
		request.Header.Set("Idempotency-Key", idempotencyKey)
	}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode < 400 {
		return json.NewDecoder(answer.Body).Decode(result)
	}
	problem := &Problem{}
	if err := json.NewDecoder(answer.Body).Decode(problem); err != nil {
		return err
	}
	if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil {
		pause := time.Duration(seconds) * time.Second
		problem.RetryAfter = &pause
	}
	return problem
}
