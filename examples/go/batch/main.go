// Sends one text to many recipients: batch TEXT TO TO ...
package main

import (
	"fmt"
	"log"
	"os"

	"example/onesixty"
)

func main() {
	numbers := os.Args[2:]
	var batch struct {
		Messages []struct {
			Index     int
			MessageID string `json:"message_id"`
		}
		Refusals []struct {
			Index int
			Code  string
		}
	}
	body := map[string]any{"from": "YourBrand", "to": numbers, "text": os.Args[1]}
	if err := onesixty.Call("POST", "/v1/sms/batch", body, "", &batch); err != nil {
		log.Fatal(err)
	}
	for _, message := range batch.Messages {
		fmt.Println(numbers[message.Index], message.MessageID)
	}
	for _, refusal := range batch.Refusals {
		fmt.Println(numbers[refusal.Index], refusal.Code)
	}
}
