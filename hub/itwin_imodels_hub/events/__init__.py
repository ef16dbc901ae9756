"""Events: their content, subscriptions and delivery."""
