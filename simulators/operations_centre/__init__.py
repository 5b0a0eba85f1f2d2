"""A police operations centre that takes alarms, checks them, and misbehaves when told to."""
