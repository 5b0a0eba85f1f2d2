"""What the pretenders do by themselves, without a gateway."""
