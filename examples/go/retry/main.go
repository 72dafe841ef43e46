// Sends a message and retries until there is a response, without sending twice: retry TO TEXT ORDER
package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"example/onesixty"
)

// sendOnce may try several times. The same key and body in every attempt create one message.
func sendOnce(body map[string]string, key string, attempts int) (message onesixty.Message, err error) {
	pause := time.Second
	for attempt := 1; ; attempt++ {
		err = onesixty.Call("POST", "/v1/sms/send", body, key, &message)
		var problem *onesixty.Problem
		refused := errors.As(err, &problem) // otherwise no answer came: it may have arrived, or not
		if err == nil || attempt == attempts || refused && !problem.Retryable {
			return message, err
		}
		if refused && problem.RetryAfter != nil {
			time.Sleep(*problem.RetryAfter)
		} else {
			time.Sleep(pause)
		}
		pause *= 2
	}
}

func main() {
	body := map[string]string{"from": "YourBrand", "to": os.Args[1], "text": os.Args[2]}
	message, err := sendOnce(body, "order-"+os.Args[3]+"-paid", 5)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(message.ID)
}
