"""What an order costs beside what was agreed: fees by place, weight and manner, and the freight by the tariff. Pure."""
