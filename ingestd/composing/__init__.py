"""What goes out: mails and text messages made from orders by the templates, as frozen bytes."""
