// Follows a message to its end, then lists all messages to the same number: follow MESSAGE_ID
package main

import (
	"fmt"
	"log"
	"net/url"
	"os"
	"time"

	"example/onesixty"
)

func main() {
	waiting := map[string]bool{"scheduled": true, "queued": true, "held": true, "sent": true}
	var message onesixty.Message
	for {
		if err := onesixty.Call("GET", "/v1/messages/"+os.Args[1], nil, "", &message); err != nil {
			log.Fatal(err)
		}
		fmt.Println(message.ID, message.Status)
		if !waiting[message.Status] {
			break
		}
		time.Sleep(500 * time.Millisecond)
	}

	query := url.Values{"to": {message.To}, "limit": {"50"}}
	for {
		var page struct {
			Data []onesixty.Message
			Next string
		}
		if err := onesixty.Call("GET", "/v1/messages?"+query.Encode(), nil, "", &page); err != nil {
			log.Fatal(err)
		}
		for _, listed := range page.Data {
			fmt.Println(listed.CreatedAt, listed.ID, listed.Status)
		}
		if page.Next == "" {
			break
		}
		query.Set("after", page.Next)
	}
}
