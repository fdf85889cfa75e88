"""The service account 服务号: template messages to customers, and what customers write."""
